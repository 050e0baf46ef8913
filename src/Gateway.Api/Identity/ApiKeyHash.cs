using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Api.Identity;

/// <summary>
/// An API key as the configuration knows it: <c>hmac-sha256.ID.SALT.HASH</c>, base64url. The id is the part of the key that is no secret, and
/// finds the hash without trying all of them.
/// </summary>
/// <remarks>
/// A key is <c>gw_</c>, the id and 256 random bits. Nobody can go through so many, however fast the hash is: a slow one, as passwords need
/// it, would only make every request slow, and a flood of wrong keys costly. One HMAC takes a microsecond, so that nothing about keys
/// has to be remembered between requests.
/// </remarks>
internal sealed class ApiKeyHash : IEquatable<ApiKeyHash>
{
    /// <summary>How every hash begins.</summary>
    public const string Scheme = "hmac-sha256";

    private const int IdBytes = 6;
    private const int SecretBytes = 32;
    private const int SaltBytes = 16;

    private static readonly int s_idLength = Base64Url.GetEncodedLength(IdBytes);
    private static readonly int s_keyLength = IdentitySchemes.ApiKeyPrefix.Length + s_idLength + Base64Url.GetEncodedLength(SecretBytes);

    /// <summary>Judged in the place of a key that is not known, so that one that is takes no longer.</summary>
    private static readonly ApiKeyHash s_nobody = new("", new byte[SaltBytes], new byte[SHA256.HashSizeInBytes]);

    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private ApiKeyHash(string id, byte[] salt, byte[] hash) => (Id, _salt, _hash) = (id, salt, hash);

    /// <summary>The part of the key that is no secret.</summary>
    public string Id { get; }

    /// <summary>Makes a key.</summary>
    /// <returns>The key, which nobody can get back from the hash, and the hash.</returns>
    public static (string Key, ApiKeyHash Hash) Create()
    {
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        var key = IdentitySchemes.ApiKeyPrefix + id + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return (key, new ApiKeyHash(id, salt, HMACSHA256.HashData(salt, Encoding.ASCII.GetBytes(key))));
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ApiKeyHash? hash)
    {
        hash = text.Split('.') is [Scheme, var id, var salt, var bytes] && id.Length == s_idLength
            && TryDecode(id, IdBytes) is not null && TryDecode(salt, SaltBytes) is { } s && TryDecode(bytes, SHA256.HashSizeInBytes) is { } h
            ? new ApiKeyHash(id, s, h)
            : null;
        return hash is not null;
    }

    /// <summary>The id in a key; null where it cannot be a key of this gateway.</summary>
    public static string? FindId(string key) =>
        key.Length == s_keyLength && key.StartsWith(IdentitySchemes.ApiKeyPrefix, StringComparison.Ordinal) && Ascii.IsValid(key)
            ? key.Substring(IdentitySchemes.ApiKeyPrefix.Length, s_idLength)
            : null;

    /// <summary>Whether <paramref name="key"/> is the key of <paramref name="known"/>; null for an id that is not known.</summary>
    public static bool IsKeyOf(ApiKeyHash? known, string key)
    {
        var hash = known ?? s_nobody;
        Span<byte> bytes = stackalloc byte[s_keyLength];
        Span<byte> computed = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(hash._salt, bytes[..Encoding.ASCII.GetBytes(key, bytes)], computed);
        return CryptographicOperations.FixedTimeEquals(computed, hash._hash) && known is not null;
    }

    /// <inheritdoc/>
    public bool Equals(ApiKeyHash? other) => other is not null && Id == other.Id && _salt.AsSpan().SequenceEqual(other._salt) && _hash.AsSpan().SequenceEqual(other._hash);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ApiKeyHash);

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}.{Id}.{Base64Url.EncodeToString(_salt)}.{Base64Url.EncodeToString(_hash)}";

    private static byte[]? TryDecode(string text, int length)
    {
        var bytes = new byte[length];
        return text.Length == Base64Url.GetEncodedLength(length)
            && Base64Url.DecodeFromChars(text, bytes, out _, out var written) == OperationStatus.Done && written == length
            ? bytes
            : null;
    }
}
