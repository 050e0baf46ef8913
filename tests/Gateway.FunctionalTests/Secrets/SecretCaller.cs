using System.Net;
using System.Text;

namespace Gateway.FunctionalTests.Secrets;

/// <summary>A caller of everything, who keeps secrets in headers and queries, and looks for them in each answer.</summary>
internal sealed class SecretCaller(SecretHunt hunt, HttpClient client, IReadOnlyList<string> backends)
{
    private readonly string _apiKey = hunt.Add("API key", SecretHunt.NewValue("gw_"));
    private readonly string _token = hunt.Add("token", $"eyJhbGciOiJub25lIn0.{SecretHunt.NewValue("eyJ")}.");
    private readonly string _signature = hunt.Add("signature", SecretHunt.NewValue("Link"));

    /// <summary>Every kind of operation, on every backend: those that work and those that cannot.</summary>
    public async Task WorkAsync()
    {
        foreach (var backend in backends)
        {
            var url = "/v1/backends/" + backend;
            foreach (var path in new[] { "", "/directories/", "/directories/?recursive=true", "/files/a", "/files/missing", "/entries/a", "/files/a/b", "/directories/a" })
            {
                await SendAsync(HttpMethod.Get, url + path);
            }

            await SendAsync(HttpMethod.Put, url + "/files/b", "hello");
            await SendAsync(HttpMethod.Put, url + "/files/none/b", "hello");
            await SendAsync(HttpMethod.Post, url + "/moves", """{"from":"/b","to":"/c","overwrite":true}""", "application/json");
            await SendAsync(HttpMethod.Delete, url + "/files/c");
        }

        foreach (var path in new[] { "/health", "/health/ready", "/health/live", "/metrics", "/openapi/v1.json", "/swagger/index.html", "/problems", "/v1/backends", "/nowhere" })
        {
            await SendAsync(HttpMethod.Get, path);
        }
    }

    /// <summary>What callers do wrong, with their secrets in it.</summary>
    public async Task MistakeAsync()
    {
        var url = "/v1/backends/" + backends[0];
        foreach (var json in new[]
        {
            $$"""{"from":"/a","to":"/b","token":"{{_token}}"}""", $$"""{"from":"/a","to":{"a":"{{_apiKey}}"} }""", $$"""{"from":"/a","to":"/b",{{_apiKey}}}""", $"\"{_token}\"", $"[{_token}",
        })
        {
            await SendAsync(HttpMethod.Post, url + "/moves", json, "application/json");
            await SendAsync(HttpMethod.Post, url + "/copies", json, "application/json");
            await SendAsync(HttpMethod.Patch, url + "/entries/a", json, "application/json");
            await SendAsync(HttpMethod.Post, url + "/links", json, "application/json");
        }

        foreach (var query in new[] { "?limit=", "?sort=", "?recursive=", "?after=", "?parents=", "?disposition=", "?depth=", "?match=" })
        {
            await SendAsync(HttpMethod.Get, url + "/directories/" + query + _apiKey);
            await SendAsync(HttpMethod.Get, url + "/files/a" + query + _apiKey);
        }
    }

    public async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var response = await client.GetAsync(new Uri(url, UriKind.Relative));
        return response.StatusCode;
    }

    private async Task SendAsync(HttpMethod method, string url, string? body = null, string contentType = "application/octet-stream")
    {
        await SendAsync(method, url, body, contentType, credential: null);
        await SendAsync(method, url, body, contentType, "X-Api-Key");
        await SendAsync(method, url, body, contentType, "Authorization");
    }

    private async Task SendAsync(HttpMethod method, string url, string? body, string contentType, string? credential)
    {
        // A link is a credential, too: without one of the others the request is judged by none.
        var parameter = credential == "X-Api-Key" ? "signature=" : "sig=";
        var signed = url + (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + parameter + _signature + "&access_token=" + Uri.EscapeDataString(_token);
        using var request = new HttpRequestMessage(method, new Uri(signed, UriKind.Relative));
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation(credential, credential == "X-Api-Key" ? _apiKey : "Bearer " + _token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        }

        try
        {
            using var response = await client.SendAsync(request);
            hunt.Look($"the answer to {method} {url}", $"{response}\n{await response.Content.ReadAsStringAsync()}");
        }
        catch (HttpRequestException) when (credential is null)
        {
            // Its connection to the server was killed behind the first byte: an answer that breaks off is right.
        }
    }
}
