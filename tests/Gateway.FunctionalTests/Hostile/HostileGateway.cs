using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.Hostile;

/// <summary>A gateway with a hostile backend, <c>bad</c>, and another one, <c>good</c>, that must not suffer from it.</summary>
internal sealed class HostileGateway : IAsyncDisposable
{
    /// <summary>Far more than any sum of the timeouts, and than a busy machine takes for a million entries beside all the rest.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>More than any sum of the timeouts, too; a caller of something endless leaves.</summary>
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(10);

    private HostileGateway(GatewayHost host) => Host = host;

    public GatewayHost Host { get; }

    /// <param name="bad">The settings of <c>bad</c>.</param>
    /// <param name="operationTimeout">More than a second where an answer must come for its own reason, however busy the machine is.</param>
    public static async Task<HostileGateway> StartAsync(IReadOnlyDictionary<string, string?> bad, string? operationTimeout = null)
    {
        var good = new MemoryBackend();
        good.AddFile("/file", "good"u8.ToArray());
        var settings = new Dictionary<string, string?>(bad, StringComparer.Ordinal)
        {
            ["Backends:bad:Transfers:OperationTimeout"] = operationTimeout ?? "00:00:01",
            ["Backends:bad:Transfers:StallTimeout"] = "00:00:01",
            ["Backends:bad:Pool:ConnectTimeout"] = "00:00:05",
            ["Backends:bad:Pool:AcquireTimeout"] = "00:00:05",
            ["Backends:bad:Listing:CacheDuration"] = "00:00:00",
        };
        return new HostileGateway(await GatewayHost.StartAsync(
            new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["good"] = good }, settings));
    }

    /// <summary>Waits until the hostile backend, which is honest for the moment, answers.</summary>
    public Task WarmUpAsync() => Eventually.HoldsAsync(async () =>
    {
        using var response = await Host.Client.GetAsync(new Uri("/v1/backends/bad/entries/file", UriKind.Relative));
        return response.IsSuccessStatusCode;
    });

    /// <summary>
    /// Does everything that the gateway can do with a backend, side by side. Whatever the server does to it: each answer comes in time and
    /// is a success, a problem that is the server's, or is cut off; the other backend works on, and nothing stays leased.
    /// </summary>
    public async Task<IReadOnlyList<string>> ProveAsync()
    {
        const string Bad = "/v1/backends/bad/";
        var outcomes = await Task.WhenAll(
            SendAsync(HttpMethod.Get, Bad + "directories/"),
            SendAsync(HttpMethod.Get, Bad + "directories/?recursive=true", accept: "application/x-ndjson", leaveAfter: Enough),
            SendAsync(HttpMethod.Get, Bad + "directories/", accept: "application/zip"),
            SendAsync(HttpMethod.Get, Bad + "entries/file"),
            SendAsync(HttpMethod.Get, Bad + "files/file", leaveAfter: Enough),
            SendAsync(HttpMethod.Get, Bad + "files/folder/file", range: "bytes=10-19"),
            SendAsync(HttpMethod.Put, Bad + "files/new", new ByteArrayContent(new byte[100_000])),
            SendAsync(HttpMethod.Delete, Bad + "files/other"),
            SendAsync(HttpMethod.Put, Bad + "directories/made/here"),
            SendAsync(HttpMethod.Delete, Bad + "directories/folder?recursive=true", leaveAfter: Enough),
            SendAsync(HttpMethod.Post, Bad + "moves", new StringContent("""{"from":"/file","to":"/moved"}""", null, "application/json")),
            SendAsync(HttpMethod.Patch, Bad + "entries/file", new StringContent("""{"modified":"2026-01-01T00:00:00Z"}""", null, "application/json")),
            ProveGoodAsync());
        await ProveGoodAsync();
        await Eventually.HoldsAsync(async () => await ReadLeasesAsync() == 0);
        return outcomes;
    }

    /// <summary>Sends a request and says what came of it: a status with a problem's name, or <c>cut</c>.</summary>
    public async Task<string> SendAsync(HttpMethod method, string url, HttpContent? content = null, string? accept = null, string? range = null, TimeSpan? leaveAfter = null)
    {
        using var patience = new CancellationTokenSource(leaveAfter ?? Patience);
        using var request = new HttpRequestMessage(method, url) { Content = content };
        request.Headers.TryAddWithoutValidation("Accept", accept ?? "*/*");
        if (range is not null)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        var watch = Stopwatch.StartNew();
        try
        {
            using var response = await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (response.IsSuccessStatusCode)
            {
                await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
                await body.CopyToAsync(Stream.Null, patience.Token);
                return $"{method} {url}: {(int)response.StatusCode} in {watch.ElapsedMilliseconds} ms";
            }

            var text = await response.Content.ReadAsStringAsync(patience.Token);
            Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{method} {url}: {(int)response.StatusCode} {text}");
            var problem = JsonDocument.Parse(text).RootElement;
            Assert.True(response.StatusCode != HttpStatusCode.InternalServerError, $"{method} {url}: {text}");
            Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
            return $"{method} {url}: {(int)response.StatusCode} {problem.GetProperty("type").GetString()} in {watch.ElapsedMilliseconds} ms: {problem.GetProperty("detail").GetString()}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return $"{method} {url}: cut in {watch.ElapsedMilliseconds} ms";
        }
        catch (OperationCanceledException e)
        {
            // What is streamed goes on as long as the server does and the caller wants it.
            return leaveAfter is not null ? $"{method} {url}: left" : throw new TimeoutException($"{method} {url} did not end within {Patience.TotalSeconds} s.", e);
        }
    }

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();

    private async Task<string> ProveGoodAsync()
    {
        Assert.Equal("good", await Host.Client.GetStringAsync(new Uri("/v1/backends/good/files/file", UriKind.Relative)));
        return "good";
    }

    private async Task<int> ReadLeasesAsync()
    {
        using var response = await Host.Client.GetAsync(new Uri("/health", UriKind.Relative));
        var health = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        return health.GetProperty("backends").GetProperty("bad").GetProperty("pool").GetProperty("leases").GetInt32();
    }
}
