using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Gateway.FunctionalTests.Secrets;

/// <summary>A caller of everything, who keeps secrets in headers and queries, and looks for them in each answer.</summary>
internal sealed class SecretCaller(SecretHunt hunt, HttpClient client, string goodKey, IReadOnlyList<string> backends)
{
    private const string GoodKey = "the good key";

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

    /// <summary>Makes links and uses them, well and badly. Their maker is told them, and nobody else.</summary>
    public async Task ShareAsync()
    {
        foreach (var (method, path, once) in new[] { ("GET", "/a", false), ("GET", "/a", true), ("PUT", "/shared", true), ("GET", "/missing", false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/backends/{backends[0]}/links", UriKind.Relative))
            {
                Content = JsonContent.Create(new { path, method, expiresIn = 60, singleUse = once }),
            };
            request.Headers.Add("X-Api-Key", goodKey);
            using var made = await client.SendAsync(request);
            var href = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("href").GetString()!;
            hunt.Add("signature of a link", href.Split("signature=")[1]);
            foreach (var (verb, url) in new[] { (method, href), (method, href), (method, href + "&x=1"), ("DELETE", href), (method, href.Replace(path, path + "b", StringComparison.Ordinal)) })
            {
                using var use = new HttpRequestMessage(new HttpMethod(verb), new Uri(url, UriKind.Relative)) { Content = verb == "PUT" ? new StringContent("hello") : null };
                using var answer = await client.SendAsync(use);
                hunt.Look($"the answer to a link, {verb}", $"{answer.Headers}\n{await answer.Content.ReadAsStringAsync()}");
            }
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
        await SendAsync(method, url, body, contentType, GoodKey);
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
            request.Headers.TryAddWithoutValidation(
                credential == GoodKey ? "X-Api-Key" : credential,
                credential switch { GoodKey => goodKey, "X-Api-Key" => _apiKey, _ => "Bearer " + _token });
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
        catch (HttpRequestException) when (credential is null or GoodKey)
        {
            // Its connection to the server was killed behind the first byte: an answer that breaks off is right.
        }
    }
}
