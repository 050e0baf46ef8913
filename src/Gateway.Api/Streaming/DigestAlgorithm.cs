using System.Globalization;
using System.Security.Cryptography;

namespace Gateway.Api.Streaming;

/// <summary>An algorithm of the digest fields that is fit against tampering (RFC 9530, section 5).</summary>
internal sealed class DigestAlgorithm
{
    public static readonly DigestAlgorithm Sha256 = new("sha-256", HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    public static readonly DigestAlgorithm Sha512 = new("sha-512", HashAlgorithmName.SHA512, SHA512.HashSizeInBytes);

    private DigestAlgorithm(string key, HashAlgorithmName name, int length) => (Key, Name, Length) = (key, name, length);

    /// <summary>Those that are known; all others are ignored (RFC 9530, section 2).</summary>
    public static IReadOnlyList<DigestAlgorithm> All { get; } = [Sha256, Sha512];

    /// <summary>The key in the fields.</summary>
    public string Key { get; }

    /// <summary>The framework's name.</summary>
    public HashAlgorithmName Name { get; }

    /// <summary>Bytes of a digest.</summary>
    public int Length { get; }

    /// <summary>
    /// The one that <c>Want-Repr-Digest</c> or <c>Want-Content-Digest</c> prefers (RFC 9530, section 4); null where it names none that is
    /// known, or is no such field: it is a wish, never a reason to fail.
    /// </summary>
    public static DigestAlgorithm? Preferred(string? want)
    {
        if (string.IsNullOrEmpty(want))
        {
            return null;
        }

        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!StructuredFields.TryReadDictionary(want, members))
        {
            return null;
        }

        DigestAlgorithm? best = null;
        var bestWeight = 0;
        foreach (var algorithm in All)
        {
            // Zero means: not this one.
            if (members.TryGetValue(algorithm.Key, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var weight) && weight is >= 0 and <= 10 && weight > bestWeight)
            {
                (best, bestWeight) = (algorithm, weight);
            }
        }

        return best;
    }

    /// <summary>A field's value: <c>sha-256=:BASE64:</c>.</summary>
    public string Format(ReadOnlySpan<byte> digest) => $"{Key}=:{Convert.ToBase64String(digest)}:";
}
