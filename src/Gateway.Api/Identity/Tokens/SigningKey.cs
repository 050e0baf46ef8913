using System.Security.Cryptography;
using System.Text.Json;

namespace Gateway.Api.Identity.Tokens;

/// <summary>A public key of an authority, from its JSON Web Key (RFC 7517; RFC 7518, section 6).</summary>
internal sealed class SigningKey
{
    /// <summary>RFC 7518, section 3.3.</summary>
    private const int MinRsaBytes = 2048 / 8;

    /// <summary>Larger ones only cost time.</summary>
    private const int MaxRsaBytes = 8192 / 8;

    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _ec;
    private readonly string? _curve;
    private readonly string? _algorithm;

    private SigningKey(string id, string? algorithm, RSAParameters? rsa, ECParameters? ec, string? curve) =>
        (Id, _algorithm, _rsa, _ec, _curve) = (id, algorithm, rsa, ec, curve);

    /// <summary>The <c>kid</c>.</summary>
    public string Id { get; }

    /// <summary>Reads a key.</summary>
    /// <returns>Null for one that signs no tokens, has no id, or is of a kind that is not known or too weak.</returns>
    public static SigningKey? Find(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || StrictJson.FindString(json, "kid") is not { Length: > 0 } id
            || StrictJson.FindString(json, "use") is not (null or "sig") || !MayVerify(json))
        {
            return null;
        }

        var algorithm = StrictJson.FindString(json, "alg");
        return StrictJson.FindString(json, "kty") switch
        {
            "RSA" when ReadRsa(json) is { } rsa => new SigningKey(id, algorithm, rsa, null, null),
            "EC" when ReadCurve(json) is { } ec => new SigningKey(id, algorithm, null, ec, StrictJson.FindString(json, "crv")),
            _ => null,
        };
    }

    /// <summary>Whether the signature is this key's. A key serves the algorithms of its kind, and only its own where it names one.</summary>
    /// <remarks>The framework's keys are not for several threads at once, and verified tokens are remembered: each verification has its own.</remarks>
    public bool Verify(JsonWebToken token, SignatureAlgorithm algorithm)
    {
        if (_algorithm is not null && _algorithm != token.Algorithm)
        {
            return false;
        }

        try
        {
            if (_rsa is { } rsaParameters && algorithm.Padding is { } padding)
            {
                using var rsa = RSA.Create(rsaParameters);
                return rsa.VerifyData(token.SignedBytes, token.Signature, algorithm.Hash, padding);
            }

            if (_ec is { } ecParameters && algorithm.Curve == _curve)
            {
                using var ecdsa = ECDsa.Create(ecParameters);
                return ecdsa.VerifyData(token.SignedBytes, token.Signature, algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }
        }
        catch (CryptographicException)
        {
            // A key that is none, as a point that is not on its curve, or a signature of a wrong length.
        }

        return false;
    }

    private static bool MayVerify(JsonElement json) =>
        !json.TryGetProperty("key_ops", out var operations)
        || (operations.ValueKind == JsonValueKind.Array && operations.EnumerateArray().Any(operation => operation.ValueKind == JsonValueKind.String && operation.ValueEquals("verify")));

    private static RSAParameters? ReadRsa(JsonElement json)
    {
        var (modulus, exponent) = (Number(json, "n"), Number(json, "e"));
        return modulus.Length is >= MinRsaBytes and <= MaxRsaBytes && (modulus.Length > MinRsaBytes || modulus[0] >= 0x80)
            && exponent.Length is >= 1 and <= 4 && (exponent[^1] & 1) == 1 && exponent is not [1]
            ? new RSAParameters { Modulus = modulus, Exponent = exponent }
            : null;
    }

    private static ECParameters? ReadCurve(JsonElement json)
    {
        (ECCurve Curve, int Bytes)? known = StrictJson.FindString(json, "crv") switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48),
            "P-521" => (ECCurve.NamedCurves.nistP521, 66),
            _ => null,
        };
        if (known is not { } curve || StrictJson.FindString(json, "x") is not { } x || StrictJson.FindString(json, "y") is not { } y)
        {
            return null;
        }

        var point = new ECPoint { X = StrictJson.Decode(x, "x"), Y = StrictJson.Decode(y, "y") };
        return point.X.Length == curve.Bytes && point.Y.Length == curve.Bytes ? new ECParameters { Curve = curve.Curve, Q = point } : null;
    }

    /// <summary>Without the zeros that some authorities write in front.</summary>
    private static byte[] Number(JsonElement json, string name) =>
        StrictJson.FindString(json, name) is { } text ? [.. StrictJson.Decode(text, name).SkipWhile(value => value == 0)] : [];
}
