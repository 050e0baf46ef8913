using System.Text;

namespace Gateway.Api.Hosting;

/// <summary>Text from outside, made fit for a line of a log: one line, no escape sequences, bounded.</summary>
internal static class LoggedText
{
    private const int MaxLength = 1024;

    /// <summary>The request's target as it came, without its query: a query may hold a link's signature.</summary>
    public static string Of(HttpContext context) => Of(RequestTarget.RawPath(context).ToString());

    /// <summary>
    /// <paramref name="text"/> with everything but plain printable characters escaped, and the backslash too: an escape is never a part of the text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">Most characters of it.</param>
    public static string Of(string? text, int maxLength = MaxLength)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        if (text.Length <= maxLength && IsAllPlain(text))
        {
            return text;
        }

        var line = new StringBuilder(Math.Min(text.Length, maxLength) + 16);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, maxLength)))
        {
            if (IsPlain(c))
            {
                line.Append(c);
            }
            else
            {
                line.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        return line.Append(text.Length > maxLength ? "…" : "").ToString();
    }

    private static bool IsAllPlain(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!IsPlain(c))
            {
                return false;
            }
        }

        return true;
    }

    // Letters of every script stay readable; line and direction marks, which can forge or hide a line, do not.
    private static bool IsPlain(char c) => c is >= ' ' and <= '~' and not '\\' || char.IsLetterOrDigit(c);
}
