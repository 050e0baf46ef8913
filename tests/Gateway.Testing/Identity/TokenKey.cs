using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Testing.Identity;

/// <summary>A key that signs tokens.</summary>
public sealed class TokenKey : IDisposable
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;

    private TokenKey(string id, string algorithm, RSA? rsa, ECDsa? ec) => (Id, Algorithm, _rsa, _ec) = (id, algorithm, rsa, ec);

    /// <summary>Its <c>kid</c>.</summary>
    public string Id { get; }

    /// <summary>The algorithm that it signs with.</summary>
    public string Algorithm { get; }

    /// <summary>Makes a key.</summary>
    /// <param name="algorithm">As in RFC 7518: <c>RS256</c>.</param>
    /// <param name="id">Its <c>kid</c>; null for one that nothing else has.</param>
    /// <param name="bits">RSA's size.</param>
    public static TokenKey Create(string algorithm = "ES256", string? id = null, int bits = 2048)
    {
        id ??= RandomNumberGenerator.GetHexString(16, lowercase: true);
        return algorithm[..2] == "ES"
            ? new TokenKey(id, algorithm, null, ECDsa.Create(algorithm switch
            {
                "ES256" => ECCurve.NamedCurves.nistP256,
                "ES384" => ECCurve.NamedCurves.nistP384,
                _ => ECCurve.NamedCurves.nistP521,
            }))
            : new TokenKey(id, algorithm, RSA.Create(bits), null);
    }

    /// <summary>The public key as a JSON Web Key.</summary>
    public JsonObject ToJson()
    {
        if (_rsa is not null)
        {
            var key = _rsa.ExportParameters(includePrivateParameters: false);
            return new JsonObject { ["kid"] = Id, ["kty"] = "RSA", ["use"] = "sig", ["n"] = Base64Url.EncodeToString(key.Modulus), ["e"] = Base64Url.EncodeToString(key.Exponent) };
        }

        var ec = _ec!.ExportParameters(includePrivateParameters: false);
        var curve = Algorithm switch { "ES256" => "P-256", "ES384" => "P-384", _ => "P-521" };
        return new JsonObject
        {
            ["kid"] = Id, ["kty"] = "EC", ["crv"] = curve, ["x"] = Base64Url.EncodeToString(ec.Q.X), ["y"] = Base64Url.EncodeToString(ec.Q.Y),
        };
    }

    /// <summary>The public key in PEM: what an attacker of HMAC takes for the secret.</summary>
    public string ToPem() => _rsa?.ExportSubjectPublicKeyInfoPem() ?? _ec!.ExportSubjectPublicKeyInfoPem();

    /// <summary>A token.</summary>
    /// <param name="claims">Its claims.</param>
    /// <param name="header">Members of its header besides, or instead of, <c>alg</c>, <c>kid</c> and <c>typ</c>; null takes one away.</param>
    public string Sign(JsonObject claims, params (string Name, JsonNode? Value)[] header)
    {
        var head = new JsonObject { ["alg"] = Algorithm, ["kid"] = Id, ["typ"] = "JWT" };
        foreach (var (name, value) in header)
        {
            if (value is null)
            {
                head.Remove(name);
            }
            else
            {
                head[name] = value.DeepClone();
            }
        }

        return Sign(head.ToJsonString(), claims.ToJsonString());
    }

    /// <summary>A token of texts that need not be JSON.</summary>
    public string Sign(string header, string claims)
    {
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(SignBytes(Encoding.ASCII.GetBytes(text)))}";
    }

    /// <summary>UTF-8 as base64url.</summary>
    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <inheritdoc/>
    public void Dispose()
    {
        _rsa?.Dispose();
        _ec?.Dispose();
    }

    private byte[] SignBytes(byte[] data)
    {
        var hash = new HashAlgorithmName("SHA" + Algorithm[2..]);
        return _ec is not null
            ? _ec.SignData(data, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            : _rsa!.SignData(data, hash, Algorithm.StartsWith('P') ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }
}
