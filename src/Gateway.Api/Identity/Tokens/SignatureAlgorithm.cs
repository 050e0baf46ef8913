using System.Security.Cryptography;

namespace Gateway.Api.Identity.Tokens;

/// <summary>
/// The signature algorithms of RFC 7518, section 3.1 that the gateway knows: with public keys only. There is no HMAC, for which a public key
/// could be taken as the secret, and no <c>none</c>.
/// </summary>
/// <param name="Hash">The hash.</param>
/// <param name="Padding">RSA's padding; null for ECDSA.</param>
/// <param name="Curve">ECDSA's curve, each algorithm its own; null for RSA.</param>
internal sealed record SignatureAlgorithm(HashAlgorithmName Hash, RSASignaturePadding? Padding, string? Curve)
{
    /// <summary>By the name in a token's header.</summary>
    public static IReadOnlyDictionary<string, SignatureAlgorithm> ByName { get; } = new Dictionary<string, SignatureAlgorithm>(StringComparer.Ordinal)
    {
        ["RS256"] = new(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, null),
        ["RS384"] = new(HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1, null),
        ["RS512"] = new(HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1, null),
        ["PS256"] = new(HashAlgorithmName.SHA256, RSASignaturePadding.Pss, null),
        ["PS384"] = new(HashAlgorithmName.SHA384, RSASignaturePadding.Pss, null),
        ["PS512"] = new(HashAlgorithmName.SHA512, RSASignaturePadding.Pss, null),
        ["ES256"] = new(HashAlgorithmName.SHA256, null, "P-256"),
        ["ES384"] = new(HashAlgorithmName.SHA384, null, "P-384"),
        ["ES512"] = new(HashAlgorithmName.SHA512, null, "P-521"),
    };
}
