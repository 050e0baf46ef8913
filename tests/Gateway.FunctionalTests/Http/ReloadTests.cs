using System.Net;
using Gateway.Api.Configuration;
using Gateway.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Gateway.FunctionalTests.Http;

public sealed class ReloadTests
{
    [Fact]
    public async Task Changes_under_load_fail_no_request()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", new byte[100_000]);
        var settings = gateway.Host.Services.GetRequiredService<IConfiguration>();
        var current = gateway.Host.Services.GetRequiredService<CurrentSettings>();
        using var end = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(i => Task.Run(() => LoadAsync(gateway, i, end.Token))).ToList();

        foreach (var (key, value) in new[] { ("Username", "other"), ("ReadOnly", "false"), ("Pool:MaxConnections", "3"), ("Memory:Token", "t") })
        {
            var before = current.Value;
            settings["Gateway:Backends:files:" + key] = value;
            await Eventually.HoldsAsync(() => !ReferenceEquals(current.Value, before));
        }

        await end.CancelAsync();
        Assert.All(await Task.WhenAll(load), requests => Assert.True(requests > 0));
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0 && gateway.Backend.OpenUploads == 0);
    }

    [Fact]
    public async Task A_backend_that_is_added_serves_without_a_restart()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var settings = gateway.Host.Services.GetRequiredService<IConfiguration>();
        foreach (var (key, value) in new[] { ("Protocol", "memory"), ("Host", "h"), ("Username", "u") })
        {
            settings["Gateway:Backends:added:" + key] = value;
        }

        await Eventually.HoldsAsync(() => gateway.Host.Services.GetRequiredService<CurrentSettings>().Value.Backends.ContainsKey("added"));
        using var added = await gateway.GetAsync("/v1/backends/added/directories/");
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        using var ready = await gateway.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task A_proxy_that_becomes_known_is_believed_with_the_next_request()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var settings = gateway.Host.Services.GetRequiredService<IConfiguration>();
        Assert.Equal("/v1/backends/files/files/a", await PutAsync());

        settings["Gateway:Proxies:Known:0"] = "127.0.0.1";
        await Eventually.HoldsAsync(async () => await PutAsync() == "/below/v1/backends/files/files/a");
        settings["Gateway:Proxies:Known:0"] = "10.0.0.1";
        await Eventually.HoldsAsync(async () => await PutAsync() == "/v1/backends/files/files/a");

        async Task<string> PutAsync()
        {
            using var response = await gateway.PutAsync("files/a", "x", ("X-Forwarded-Prefix", "/below"), ("X-Forwarded-For", "203.0.113.9"));
            return response.Headers.NonValidated["Location"].ToString();
        }
    }

    [Fact]
    public async Task What_needs_a_restart_is_told()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var settings = gateway.Host.Services.GetRequiredService<IConfiguration>();
        settings["OTEL_EXPORTER_OTLP_HEADERS"] = "key=secret";
        settings["urls"] = "http://127.0.0.1:1";
        settings["Gateway:ShutdownTimeout"] = "00:42:00";

        await Eventually.HoldsAsync(() => gateway.Host.Logs.Lines.Count(line => line.EventId == 1004) == 2);
        Assert.Contains(gateway.Host.Logs.Lines, line => line.Text.StartsWith("OTEL_EXPORTER_OTLP_HEADERS changed", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Host.Logs.Lines, line => line.Text.Contains("secret", StringComparison.Ordinal));

        // This one does not: the host waits as long as the drain may take.
        var host = gateway.Host.Services.GetRequiredService<IOptions<HostOptions>>().Value;
        await Eventually.HoldsAsync(() => host.ShutdownTimeout == TimeSpan.FromMinutes(42.5));
    }

    private static async Task<int> LoadAsync(MemoryGateway gateway, int number, CancellationToken end)
    {
        var requests = 0;
        while (!end.IsCancellationRequested)
        {
            using var get = await gateway.GetAsync("files/a");
            Assert.Equal(HttpStatusCode.OK, get.StatusCode);
            Assert.Equal(100_000, (await get.Content.ReadAsByteArrayAsync(CancellationToken.None)).Length);
            using var put = await gateway.PutAsync($"files/b{number}", "hello");
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(CancellationToken.None));
            requests++;
        }

        return requests;
    }
}
