using System.Text.Json;

namespace Gateway.Api.Identity.Tokens;

/// <summary>The keys that an authority signs with, at one time. Immutable.</summary>
internal sealed class KeySet
{
    private const int MaxKeys = 100;

    private readonly ILookup<string, SigningKey> _keys;

    private KeySet(string issuer, IEnumerable<SigningKey> keys) => (Issuer, _keys) = (issuer, keys.ToLookup(key => key.Id, StringComparer.Ordinal));

    /// <summary>The issuer, as its tokens name it.</summary>
    public string Issuer { get; }

    /// <summary>How many different keys it has.</summary>
    public int Count => _keys.Count;

    /// <summary>Reads a JSON Web Key Set (RFC 7517, section 5); keys of no use here are passed over, as it demands.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="json">The set.</param>
    /// <exception cref="TokenException">It is none, or has no key that could be used.</exception>
    public static KeySet Parse(string issuer, ReadOnlyMemory<byte> json)
    {
        var set = StrictJson.ReadObject(json, "the key set");
        if (!set.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array || keys.GetArrayLength() > MaxKeys)
        {
            throw new TokenException($"the key set has no array 'keys' of at most {MaxKeys}");
        }

        var known = new List<SigningKey>();
        foreach (var key in keys.EnumerateArray())
        {
            try
            {
                if (SigningKey.Find(key) is { } usable)
                {
                    known.Add(usable);
                }
            }
            catch (TokenException)
            {
                // One odd key takes the others nothing.
            }
        }

        return known.Count > 0 ? new KeySet(issuer, known) : throw new TokenException("the key set has no key that could verify a token");
    }

    /// <summary>Whether there is a key of this id.</summary>
    public bool Has(string id) => _keys.Contains(id);

    /// <summary>Whether a key of the token's id made its signature.</summary>
    public bool Verify(JsonWebToken token, SignatureAlgorithm algorithm)
    {
        foreach (var key in _keys[token.KeyId])
        {
            if (key.Verify(token, algorithm))
            {
                return true;
            }
        }

        return false;
    }
}
