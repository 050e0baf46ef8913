using System.Globalization;
using System.Text;

namespace Gateway.Ftps.Protocol;

/// <summary>Values inside the text of replies. All are untrusted; what does not parse is null.</summary>
internal static class FtpValues
{
    /// <summary>The port of <c>229 Entering Extended Passive Mode (|||PORT|)</c> (RFC 2428, 3).</summary>
    public static int? ParseExtendedPassive(string text)
    {
        // The delimiter is any printable character, four times; there are servers without the parentheses.
        for (var i = 0; i + 4 < text.Length; i++)
        {
            var d = text[i];
            if (d is > ' ' and < (char)127 && !char.IsAsciiLetterOrDigit(d) && text[i + 1] == d && text[i + 2] == d)
            {
                var rest = text.AsSpan(i + 3);
                var end = rest.IndexOf(d);
                if (end > 0)
                {
                    return ParsePort(rest[..end]);
                }
            }
        }

        return null;
    }

    /// <summary>
    /// The port of <c>227 Entering Passive Mode (h1,h2,h3,h4,p1,p2)</c> (RFC 959, 4.1.2). The address is read past: whoever believed it
    /// could be sent to any machine, and behind a NAT it is wrong.
    /// </summary>
    public static int? ParsePassive(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]) && (i == 0 || !char.IsAsciiDigit(text[i - 1])) && TryReadSix(text.AsSpan(i)) is { } port)
            {
                return port;
            }
        }

        return null;
    }

    /// <summary>The quoted path of a 257; a quote inside is doubled (RFC 959, appendix II).</summary>
    public static string? ParseQuotedPath(string text)
    {
        var start = text.IndexOf('"', StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var path = new StringBuilder();
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] != '"')
            {
                path.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == '"')
            {
                path.Append('"');
                i++;
            }
            else
            {
                return path.ToString();
            }
        }

        return null;
    }

    /// <summary>The number of a 213 to SIZE.</summary>
    public static long? ParseSize(FtpReply reply) =>
        reply.Code == 213 && long.TryParse(reply.Text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    /// <summary>The time of a 213 to MDTM.</summary>
    public static DateTimeOffset? ParseTime(FtpReply reply) =>
        reply.Code == 213 && FtpTime.TryParse(Encoding.UTF8.GetBytes(reply.Text.Trim()), out var time) ? time : null;

    private static int? TryReadSix(ReadOnlySpan<char> text)
    {
        Span<int> numbers = stackalloc int[6];
        for (var i = 0; i < 6; i++)
        {
            var length = text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length;
            if (length is 0 or > 3 || !int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]) || numbers[i] > 255)
            {
                return null;
            }

            text = text[length..];
            if (i < 5)
            {
                if (text.IsEmpty || text[0] != ',')
                {
                    return null;
                }

                text = text[1..].TrimStart(' ');
            }
        }

        var port = (numbers[4] * 256) + numbers[5];
        return port == 0 ? null : port;
    }

    private static int? ParsePort(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 ? port : null;
}
