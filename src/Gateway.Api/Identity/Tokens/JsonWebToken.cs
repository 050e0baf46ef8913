using System.Text;
using System.Text.Json;

namespace Gateway.Api.Identity.Tokens;

/// <summary>
/// A signed JSON Web Token in the compact form (RFC 7515, section 3.1; RFC 7519), read and not believed yet. Refused by its header alone is
/// whatever could have it verified otherwise than the configuration says.
/// </summary>
internal sealed class JsonWebToken
{
    /// <summary>Most characters. Longer ones do not fit into the headers of most servers.</summary>
    public const int MaxLength = 8 * 1024;

    private const int MaxKeyId = 256;

    /// <summary>
    /// What no token may have: extensions that have to be understood, which none is here (RFC 7515, section 4.1.11), keys that it brings along or
    /// tells the way to (RFC 8725, sections 3.10), and contents that are packed or a token again.
    /// </summary>
    private static readonly string[] s_refused = ["crit", "jwk", "jku", "x5u", "x5c", "b64", "zip", "enc", "cty"];

    /// <summary>Types of tokens that are meant for a gateway; one for something else says so (RFC 8725, section 3.11; RFC 9068).</summary>
    private static readonly string[] s_types = ["JWT", "at+jwt", "application/at+jwt"];

    private readonly string _text;
    private readonly int _signedLength;

    private JsonWebToken(string text, int signedLength, JsonElement header, JsonElement claims, byte[] signature)
    {
        (_text, _signedLength, Claims, Signature) = (text, signedLength, claims, signature);
        Algorithm = StrictJson.FindString(header, "alg") ?? throw new TokenException("it names no algorithm");
        KeyId = StrictJson.FindString(header, "kid") is { Length: > 0 and <= MaxKeyId } id ? id : throw new TokenException("it names no key");
    }

    /// <summary>The signature algorithm that it claims.</summary>
    public string Algorithm { get; }

    /// <summary>The key that it claims.</summary>
    public string KeyId { get; }

    /// <summary>The claims; true only once the signature is.</summary>
    public JsonElement Claims { get; }

    /// <summary>The signature.</summary>
    public byte[] Signature { get; }

    /// <summary>What the signature is of.</summary>
    public byte[] SignedBytes => Encoding.ASCII.GetBytes(_text, 0, _signedLength);

    /// <summary>Reads a token.</summary>
    /// <exception cref="TokenException">It is none, or one that is never accepted.</exception>
    public static JsonWebToken Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new TokenException($"it has more than {MaxLength} characters");
        }

        var first = text.IndexOf('.', StringComparison.Ordinal);
        var second = first < 0 ? -1 : text.IndexOf('.', first + 1);
        if (second < 0 || text.IndexOf('.', second + 1) >= 0)
        {
            throw new TokenException("it has not three parts");
        }

        var header = StrictJson.ReadObject(StrictJson.Decode(text.AsSpan(0, first), "its header"), "its header");
        RefuseOdd(header);
        var claims = StrictJson.ReadObject(StrictJson.Decode(text.AsSpan(first + 1, second - first - 1), "its payload"), "its payload");
        return new JsonWebToken(text, second, header, claims, StrictJson.Decode(text.AsSpan(second + 1), "its signature"));
    }

    private static void RefuseOdd(JsonElement header)
    {
        if (Array.Find(s_refused, name => header.TryGetProperty(name, out _)) is { } name)
        {
            throw new TokenException($"its header has '{name}'");
        }

        if (StrictJson.FindString(header, "typ") is { } type && !s_types.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            throw new TokenException("it is a token of another type");
        }
    }
}
