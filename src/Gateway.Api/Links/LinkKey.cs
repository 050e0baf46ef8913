using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Api.Links;

/// <summary>
/// A key that signs links. What is kept of its file is derived from it (HKDF, RFC 5869): one key signs (HMAC-SHA256), one seals who made a
/// link (AES-256-GCM), and the id by which a link names its key tells nothing about either.
/// </summary>
internal sealed class LinkKey
{
    /// <summary>Fewest bytes that a key is made of: as many as the signature has (RFC 2104, section 3).</summary>
    public const int MinBytes = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureBytes = HMACSHA256.HashSizeInBytes;

    private const int IdBytes = 8;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;

    private readonly byte[] _signing;
    private readonly byte[] _sealing;

    private LinkKey(byte[] secret)
    {
        _signing = Derive(secret, "gateway link signature", 32);
        _sealing = Derive(secret, "gateway link issuer", 32);
        Id = Base64Url.EncodeToString(Derive(secret, "gateway link key id", IdBytes));
    }

    /// <summary>Names the key in links.</summary>
    public string Id { get; }

    /// <summary>A key in whose place nobody can sign: judged where a link names one that is not known, so that this takes no less time.</summary>
    public static LinkKey Nobody { get; } = new(RandomNumberGenerator.GetBytes(MinBytes));

    /// <summary>What goes into a key file: base64 of random bytes.</summary>
    public static string Create() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(MinBytes));

    /// <summary>Reads the text of a key file.</summary>
    /// <param name="text">Base64 or base64url; line breaks are ignored.</param>
    /// <param name="key">The key.</param>
    /// <param name="reason">Why not, as advice to the operator.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LinkKey? key, [NotNullWhen(false)] out string? reason)
    {
        key = null;
        var compact = string.Concat(text.Where(c => !char.IsWhiteSpace(c))).Replace('+', '-').Replace('/', '_');
        if (!Base64Url.IsValid(compact))
        {
            reason = "It is not base64. Make it with 'openssl rand -base64 32', or 'dotnet Gateway.Api.dll links key'.";
            return false;
        }

        var secret = Base64Url.DecodeFromChars(compact);
        reason = secret.Length < MinBytes ? FormattableString.Invariant($"It has {secret.Length} bytes; a key has at least {MinBytes}: 'openssl rand -base64 32' makes one.")
            : Array.TrueForAll(secret, b => b == secret[0]) ? "All its bytes are the same: it is not random. 'openssl rand -base64 32' makes a key."
            : null;
        key = reason is null ? new LinkKey(secret) : null;
        return key is not null;
    }

    /// <summary>The signature of <paramref name="text"/>.</summary>
    public byte[] Sign(ReadOnlySpan<byte> text) => HMACSHA256.HashData(_signing, text);

    /// <summary>Hides <paramref name="text"/> from those who hold the link, bound to its id.</summary>
    /// <param name="linkId">Random, and another for each link: the nonce is made of it.</param>
    /// <param name="text">What is hidden.</param>
    public string Seal(string linkId, byte[] text)
    {
        var result = new byte[text.Length + TagBytes];
        using var cipher = new AesGcm(_sealing, TagBytes);
        cipher.Encrypt(Nonce(linkId), text, result.AsSpan(0, text.Length), result.AsSpan(text.Length));
        return Base64Url.EncodeToString(result);
    }

    /// <summary>What <see cref="Seal"/> hid; null where it was not sealed by this key for this link.</summary>
    public byte[]? Open(string linkId, string text)
    {
        if (!Base64Url.IsValid(text) || Base64Url.DecodeFromChars(text) is not { Length: > TagBytes } bytes)
        {
            return null;
        }

        var result = new byte[bytes.Length - TagBytes];
        using var cipher = new AesGcm(_sealing, TagBytes);
        try
        {
            cipher.Decrypt(Nonce(linkId), bytes.AsSpan(0, result.Length), bytes.AsSpan(result.Length), result);
            return result;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Nonce(string linkId) => SHA256.HashData(Encoding.UTF8.GetBytes(linkId))[..NonceBytes];

    private static byte[] Derive(byte[] secret, string purpose, int length) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, length, salt: null, Encoding.ASCII.GetBytes(purpose));
}
