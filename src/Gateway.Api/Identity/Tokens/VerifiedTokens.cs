using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Gateway.Api.Configuration;

namespace Gateway.Api.Identity.Tokens;

/// <summary>
/// Tokens that were found good, so that a signature is verified once and not with each request: by their SHA-256, for as long as they are good
/// and neither keys nor configuration change, and so many at most.
/// </summary>
internal sealed class VerifiedTokens
{
    private const int MaxTokens = 4096;

    private readonly ConcurrentDictionary<Key, Verified> _tokens = new();

    /// <summary>Who calls with a token; null where it is to be verified.</summary>
    public ClaimsPrincipal? Find(string token, KeySet keys, JwtSettings settings, DateTimeOffset now) =>
        _tokens.TryGetValue(Key.Of(token), out var verified) && ReferenceEquals(verified.Keys, keys) && ReferenceEquals(verified.Settings, settings)
        && now < verified.Expires
            ? verified.Principal
            : null;

    /// <summary>Remembers a token.</summary>
    public void Add(string token, KeySet keys, JwtSettings settings, DateTimeOffset expires, ClaimsPrincipal principal)
    {
        if (_tokens.Count >= MaxTokens)
        {
            // Rare, and cheap to make up for: each is verified once more.
            _tokens.Clear();
        }

        _tokens[Key.Of(token)] = new Verified(keys, settings, expires, principal);
    }

    private sealed record Verified(KeySet Keys, JwtSettings Settings, DateTimeOffset Expires, ClaimsPrincipal Principal);

    private readonly record struct Key(UInt128 High, UInt128 Low)
    {
        public static Key Of(string token)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
            return new Key(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
        }
    }
}
