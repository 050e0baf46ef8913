using System.Globalization;

namespace Gateway.Testing.HttpFiles;

/// <summary>
/// An .http file, as Visual Studio, Rider and the REST client of VS Code read it: <c>@name = value</c>, requests parted by <c>###</c>,
/// <c>{{name}}</c>, <c># @name</c> with <c>{{name.response.headers.ETag}}</c>. <c># expect: 200</c> is a comment to them and a check here.
/// </summary>
public sealed class HttpFile
{
    private HttpFile(IReadOnlyDictionary<string, string> variables, IReadOnlyList<HttpFileRequest> requests) =>
        (Variables, Requests) = (variables, requests);

    /// <summary>The variables with their values as written.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>The requests in their order.</summary>
    public IReadOnlyList<HttpFileRequest> Requests { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is no .http file.</exception>
    public static HttpFile Parse(string text)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var requests = new List<HttpFileRequest>();
        var (title, block) = ("", new List<string>());
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (!line.StartsWith("###", StringComparison.Ordinal))
            {
                block.Add(line);
                continue;
            }

            Add();
            (title, block) = (line[3..].Trim(), []);
        }

        Add();
        return new HttpFile(variables, requests);

        void Add()
        {
            if (ParseRequest(title, block, variables) is { } request)
            {
                requests.Add(request);
            }
        }
    }

    private static HttpFileRequest? ParseRequest(string title, List<string> block, Dictionary<string, string> variables)
    {
        string? name = null;
        int? expected = null;
        var at = 0;
        for (; at < block.Count; at++)
        {
            var line = block[at].Trim();
            if (line.StartsWith('@'))
            {
                var equals = line.IndexOf('=', StringComparison.Ordinal);
                variables[line[1..equals].Trim()] = line[(equals + 1)..].Trim();
            }
            else if (line.StartsWith('#'))
            {
                var comment = line.TrimStart('#').Trim();
                name = After(comment, "@name ") ?? name;
                expected = After(comment, "expect:") is { } status ? int.Parse(status, CultureInfo.InvariantCulture) : expected;
            }
            else if (line.Length > 0)
            {
                break;
            }
        }

        if (at == block.Count)
        {
            return null;
        }

        var words = block[at].Split(' ', 2, StringSplitOptions.TrimEntries);
        var headers = new List<(string, string)>();
        for (at++; at < block.Count && block[at].Trim().Length > 0; at++)
        {
            var colon = block[at].IndexOf(':', StringComparison.Ordinal);
            headers.Add(colon > 0
                ? (block[at][..colon].Trim(), block[at][(colon + 1)..].Trim())
                : throw new FormatException($"'{block[at]}' is no header."));
        }

        return new HttpFileRequest(title, name, expected, words[0], words[1], headers, string.Join('\n', block.Skip(at)).Trim());
    }

    private static string? After(string comment, string start) =>
        comment.StartsWith(start, StringComparison.Ordinal) ? comment[start.Length..].Trim() : null;
}
