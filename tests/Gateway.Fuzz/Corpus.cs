using System.Globalization;

namespace Gateway.Fuzz;

/// <summary>The inputs to begin with: one a line, with <c>\xNN</c>, <c>\r</c>, <c>\n</c> and <c>\\</c> for what a line cannot hold.</summary>
internal static class Corpus
{
    /// <summary>Reads the corpus of a target.</summary>
    public static IReadOnlyList<byte[]> Read(string target) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", target + ".txt")).Select(Unescape)];

    /// <summary>An input as a line.</summary>
    public static string Escape(IEnumerable<byte> input) => string.Concat(input.Select(value => value switch
    {
        (byte)'\\' => "\\\\",
        (byte)'\r' => "\\r",
        (byte)'\n' => "\\n",
        < 0x20 or >= 0x7F => string.Create(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
        _ => ((char)value).ToString(),
    }));

    private static byte[] Unescape(string line)
    {
        var bytes = new List<byte>(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] != '\\')
            {
                bytes.Add(checked((byte)line[i]));
                continue;
            }

            i++;
            switch (line[i])
            {
                case 'r':
                    bytes.Add((byte)'\r');
                    break;
                case 'n':
                    bytes.Add((byte)'\n');
                    break;
                case 'x':
                    bytes.Add(byte.Parse(line.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                default:
                    bytes.Add((byte)line[i]);
                    break;
            }
        }

        return [.. bytes];
    }
}
