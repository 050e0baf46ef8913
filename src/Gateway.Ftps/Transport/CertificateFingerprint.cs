using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Ftps.Transport;

/// <summary>The SHA-256 of a certificate's DER.</summary>
internal sealed class CertificateFingerprint : IEquatable<CertificateFingerprint>
{
    private const string Prefix = "SHA256:";

    private readonly byte[] _hash;

    private CertificateFingerprint(byte[] hash) => _hash = hash;

    public static CertificateFingerprint Of(X509Certificate certificate) => new(certificate.GetCertHash(HashAlgorithmName.SHA256));

    /// <summary>
    /// Reads <c>SHA256:</c> and base64, as ssh writes it; or hexadecimal, plain or with colons, as <c>openssl x509 -fingerprint -sha256</c>
    /// writes it, with or without <c>SHA256:</c>, <c>sha256 Fingerprint=</c> in front.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CertificateFingerprint? fingerprint)
    {
        fingerprint = null;
        var rest = text.AsSpan().Trim();
        var isNamed = rest.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
        if (isNamed)
        {
            rest = rest[Prefix.Length..];
        }
        else if (rest.IndexOf('=') is > 0 and var equals && rest[..equals].StartsWith("sha256", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest[(equals + 1)..];
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (!TryReadHex(rest, hash) && !(isNamed && TryReadBase64(rest, hash)))
        {
            return false;
        }

        fingerprint = new CertificateFingerprint(hash.ToArray());
        return true;
    }

    /// <summary>The form that the configuration takes.</summary>
    public override string ToString() => Prefix + Convert.ToBase64String(_hash).TrimEnd('=');

    public bool Equals(CertificateFingerprint? other) => other is not null && _hash.AsSpan().SequenceEqual(other._hash);

    public override bool Equals(object? obj) => Equals(obj as CertificateFingerprint);

    public override int GetHashCode() => BitConverter.ToInt32(_hash);

    private static bool TryReadHex(ReadOnlySpan<char> text, Span<byte> hash)
    {
        Span<char> digits = stackalloc char[hash.Length * 2];
        if (text.Length == (hash.Length * 3) - 1)
        {
            for (var i = 0; i < hash.Length; i++)
            {
                if (i > 0 && text[(i * 3) - 1] is not (':' or '-' or ' '))
                {
                    return false;
                }

                text.Slice(i * 3, 2).CopyTo(digits[(i * 2)..]);
            }
        }
        else if (!text.TryCopyTo(digits) || text.Length != digits.Length)
        {
            return false;
        }

        return Convert.FromHexString(digits, hash, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    /// <summary>32 bytes are 43 characters of base64, and a padding that ssh leaves out.</summary>
    private static bool TryReadBase64(ReadOnlySpan<char> text, Span<byte> hash)
    {
        var unpadded = text.TrimEnd('=');
        return unpadded.Length == 43 && Convert.TryFromBase64String(string.Concat(unpadded, "="), hash, out var count) && count == hash.Length;
    }
}
