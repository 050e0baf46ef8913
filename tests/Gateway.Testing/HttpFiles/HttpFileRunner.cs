using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Testing.HttpFiles;

/// <summary>Sends the requests of .http files.</summary>
/// <param name="client">Sends them.</param>
/// <param name="overrides">Variables that have these values whatever the file says.</param>
public sealed partial class HttpFileRunner(HttpClient client, IReadOnlyDictionary<string, string> overrides)
{
    private readonly Dictionary<string, HttpResponseMessage> _responses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _bodies = new(StringComparer.Ordinal);

    /// <summary>Runs a file.</summary>
    /// <returns>What was not as expected, a line for each request; empty where all is well.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(HttpFile file)
    {
        var complaints = new List<string>();
        foreach (var request in file.Requests)
        {
            using var message = new HttpRequestMessage(new HttpMethod(request.Method), Expand(request.Url, file));
            if (request.Body.Length > 0 || request.Method is "PUT" or "POST")
            {
                // Forms have lines that end in CR LF, and editors send them so.
                var body = Expand(request.Body, file);
                var isForm = request.Headers.Any(header => header.Value.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase));
                message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(isForm ? body.ReplaceLineEndings("\r\n") + "\r\n" : body));
            }

            foreach (var (name, value) in request.Headers)
            {
                if (!message.Headers.TryAddWithoutValidation(name, Expand(value, file)))
                {
                    message.Content?.Headers.TryAddWithoutValidation(name, Expand(value, file));
                }
            }

            var response = await client.SendAsync(message);
            var answer = await response.Content.ReadAsStringAsync();
            if (request.Name is { } key)
            {
                _responses[key] = response;
                _bodies[key] = answer;
            }

            var status = (int)response.StatusCode;
            if (status != request.Expected)
            {
                complaints.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{request.Title}: {request.Method} {request.Url} was {status}, not {request.Expected}: {answer}"));
            }
        }

        return complaints;
    }

    private string Expand(string text, HttpFile file) => Reference().Replace(text, match =>
    {
        var name = match.Groups["name"].Value;
        if (name.Split('.') is [var response, "response", "headers", var header])
        {
            var (headers, content) = (_responses[response].Headers.NonValidated, _responses[response].Content.Headers.NonValidated);
            return (headers.TryGetValues(header, out var values) || content.TryGetValues(header, out values)) ? values.ToString() : "";
        }

        if (name.Split('.') is [var other, "response", "body", "$", var member])
        {
            using var document = JsonDocument.Parse(_bodies[other]);
            return document.RootElement.GetProperty(member).ToString();
        }

        return overrides.TryGetValue(name, out var value) ? value : Expand(file.Variables[name], file);
    });

    [GeneratedRegex(@"\{\{(?<name>[^{}]+)\}\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();
}
