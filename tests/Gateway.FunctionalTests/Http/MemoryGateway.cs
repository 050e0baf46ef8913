using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.Http;

/// <summary>A gateway with one backend, <c>files</c>, inside the test.</summary>
internal sealed class MemoryGateway : IAsyncDisposable
{
    public const string Base = "/v1/backends/files/";

    private MemoryGateway(MemoryBackend backend, GatewayHost host) => (Backend, Host) = (backend, host);

    public MemoryBackend Backend { get; }

    public GatewayHost Host { get; }

    public HttpClient Client => Host.Client;

    public static async Task<MemoryGateway> StartAsync(params (string Key, string? Value)[] settings)
    {
        var backend = new MemoryBackend();
        var host = await GatewayHost.StartAsync(
            new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["files"] = backend },
            settings.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));
        return new MemoryGateway(backend, host);
    }

    /// <summary>Sends a request for <c>…/files/</c>, <c>directories/</c> and so on, with the path as it is written.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Url(path)) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<HttpResponseMessage> PutAsync(string path, string text, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, path, new ByteArrayContent(Encoding.UTF8.GetBytes(text)), headers);

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();

    /// <summary>The problem of a response, after a look at everything that each has to have.</summary>
    public static async Task<JsonElement> ReadProblemAsync(HttpResponseMessage response, HttpStatusCode status, string name)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal("urn:gateway:problem:" + name, problem.GetProperty("type").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.Equal(32, problem.GetProperty("traceId").GetString()!.Length);
        _ = problem.GetProperty("retryable").GetBoolean();
        return problem;
    }

    public static async Task<JsonElement> ReadJsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>As it is written: <see cref="Uri"/> would decode and shorten it.</summary>
    private Uri Url(string path) => new(
        Host.BaseAddress.AbsoluteUri.TrimEnd('/') + (path.StartsWith('/') ? path : Base + path),
        new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
