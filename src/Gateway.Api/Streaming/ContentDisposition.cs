using System.Buffers;
using System.Text;

namespace Gateway.Api.Streaming;

/// <summary>
/// <c>Content-Disposition</c> of RFC 6266: <c>filename</c> in plain ASCII for old clients, and the real name in <c>filename*</c> of RFC 8187.
/// Nothing of a name reaches the header raw.
/// </summary>
internal static class ContentDisposition
{
    /// <summary>Quote and backslash could be escaped, % too could be taken for an encoding: clients disagree on all three.</summary>
    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        [.. Enumerable.Range(' ', 0x7F - ' ').Select(value => (char)value).Where(value => value is not ('"' or '\\' or '%'))]);

    /// <summary>The header for a file called <paramref name="name"/>.</summary>
    /// <param name="name">Any name.</param>
    /// <param name="isInline">Whether a browser may show it instead of saving it.</param>
    public static string Format(string name, bool isInline = false) =>
        name.AsSpan().ContainsAnyExcept(s_plain) ? FormatOdd(name, isInline) : $"{(isInline ? "inline" : "attachment")}; filename=\"{name}\"";

    private static string FormatOdd(string name, bool isInline)
    {
        var header = new StringBuilder(isInline ? "inline" : "attachment", 64 + (name.Length * 4)).Append("; filename=\"");
        var isPlain = true;
        foreach (var rune in name.EnumerateRunes())
        {
            var keeps = rune.IsBmp && s_plain.Contains((char)rune.Value);
            isPlain &= keeps;
            header.Append(keeps ? (char)rune.Value : '_');
        }

        header.Append('"');
        if (!isPlain)
        {
            header.Append("; filename*=UTF-8''");
            AppendEncoded(header, name);
        }

        return header.ToString();
    }

    private static void AppendEncoded(StringBuilder header, string name)
    {
        foreach (var value in Encoding.UTF8.GetBytes(name))
        {
            // attr-char of RFC 8187 section 3.2.1.
            if (char.IsAsciiLetterOrDigit((char)value) || "!#$&+-.^_`|~".Contains((char)value, StringComparison.Ordinal))
            {
                header.Append((char)value);
            }
            else
            {
                header.Append('%').Append(Convert.ToHexString([value]));
            }
        }
    }
}
