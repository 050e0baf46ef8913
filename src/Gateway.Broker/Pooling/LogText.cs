using System.Text;

namespace Gateway.Broker.Pooling;

/// <summary>Untrusted text for a log line.</summary>
internal static class LogText
{
    private const int MaxLength = 500;

    /// <summary>One line without control characters, cut at 500: what a server says must not forge or flood a log.</summary>
    public static string Neutralise(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "-";
        }

        var line = new StringBuilder(Math.Min(text.Length, MaxLength + 1));
        foreach (var c in text)
        {
            if (line.Length >= MaxLength)
            {
                line.Append('…');
                break;
            }

            line.Append(char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c);
        }

        return line.ToString();
    }
}
