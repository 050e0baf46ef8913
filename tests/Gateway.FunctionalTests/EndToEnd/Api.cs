using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>The gateway's routes, as a caller writes them.</summary>
internal static class Api
{
    public static string Files(string backend, params string[] path) => Url(backend, "files", path);

    public static string Directories(string backend, params string[] path) => Url(backend, "directories", path);

    public static string Entries(string backend, params string[] path) => Url(backend, "entries", path);

    /// <summary>Names of a folder's entries, read page by page as an app does.</summary>
    public static async Task<List<string>> ListNamesAsync(HttpClient client, string backend, params string[] path)
    {
        var names = new List<string>();
        var url = Directories(backend, path);
        string? after = null;
        do
        {
            var page = await client.GetFromJsonAsync<JsonElement>(url + (after is null ? "" : "?after=" + Uri.EscapeDataString(after)));
            names.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!));
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);
        return names;
    }

    /// <summary>Uploads a file.</summary>
    public static Task<HttpResponseMessage> PutAsync(HttpClient client, string url, byte[] content) =>
        client.PutAsync(new Uri(url, UriKind.Relative), new ByteArrayContent(content));

    /// <summary>Expects a problem, and returns its document.</summary>
    public static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string name)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(
            response.StatusCode == status && body.Contains($"urn:gateway:problem:{name}\"", StringComparison.Ordinal),
            $"Expected {(int)status} {name}, got {(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(body).RootElement;
    }

    private static string Url(string backend, string resource, string[] path) =>
        $"/v1/backends/{backend}/{resource}/{string.Join('/', path.Select(Uri.EscapeDataString))}";
}
