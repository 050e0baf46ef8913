using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Gateway.Api.Identity.Tokens;

/// <summary>
/// JSON of strangers: an object in which no member comes twice (RFC 8725, section 2.4: parsers that choose differently disagree about who
/// somebody is), not deep, without comments; and base64url as RFC 7515, section 2 has it, in one spelling only.
/// </summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 8, AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Disallow };

    private static readonly SearchValues<char> s_base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads an object.</summary>
    /// <exception cref="TokenException">It is none.</exception>
    public static JsonElement ReadObject(ReadOnlyMemory<byte> utf8, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, s_options);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new TokenException($"{what} is no JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for a member whose name is no Unicode.
            throw new TokenException($"{what} is no JSON, too deep, or has a member twice");
        }
    }

    /// <summary>Decodes base64url without padding, blanks, or bits that say nothing.</summary>
    /// <exception cref="TokenException">It is not in that form.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text, string what)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];

        if (text.ContainsAnyExcept(s_base64Url) || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || !Base64Url.EncodeToString(bytes.AsSpan(0, written)).AsSpan().SequenceEqual(text))
        {
            throw new TokenException($"{what} is no base64url");
        }

        return bytes[..written];
    }

    /// <summary>A member that is a string; null where there is none.</summary>
    /// <exception cref="TokenException">It is something else.</exception>
    public static string? FindString(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var member))
        {
            return null;
        }

        try
        {
            return member.ValueKind == JsonValueKind.String ? member.GetString() : throw new TokenException($"'{name}' is no string");
        }
        catch (InvalidOperationException)
        {
            // Escaped surrogates that are no pair.
            throw new TokenException($"'{name}' is no Unicode");
        }
    }
}
