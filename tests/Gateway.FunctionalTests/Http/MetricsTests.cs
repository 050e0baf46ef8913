using System.Globalization;
using System.Net;
using Gateway.Testing;

namespace Gateway.FunctionalTests.Http;

public sealed class MetricsTests
{
    [Fact]
    public async Task Pools_transfers_and_requests_are_counted()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await gateway.Host.WaitUntilReadyAsync();
        using var put = await gateway.PutAsync("files/a", "hello");
        for (var i = 0; i < 3; i++)
        {
            using var get = await gateway.GetAsync("files/a");
            Assert.Equal("hello", await get.Content.ReadAsStringAsync());
        }

        using var response = await gateway.GetAsync("/metrics");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(1, Value(text, "gateway_pool_connections{gateway_backend=\"files\",gateway_pool_state=\"idle\"}"));
        Assert.Equal(15, Value(text, "gateway_transfer_size_bytes_total{gateway_backend=\"files\",gateway_transfer_direction=\"download\"}"));
        Assert.Equal(5, Value(text, "gateway_transfer_size_bytes_total{gateway_backend=\"files\",gateway_transfer_direction=\"upload\"}"));
        Assert.Equal(0, Value(text, "gateway_transfer_active{gateway_backend=\"files\",gateway_transfer_direction=\"download\"}"));
        Assert.Equal(3, Value(text, "gateway_transfer_duration_seconds_count{gateway_backend=\"files\",gateway_transfer_direction=\"download\",gateway_transfer_outcome=\"completed\"}"));
        Assert.Contains("# TYPE gateway_pool_acquire_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_bucket{", text, StringComparison.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Matches("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? [-+0-9.eEInfNa]+)$""", line);
        }
    }

    [Fact]
    public async Task Bytes_show_while_a_download_runs_and_its_lease_with_its_age()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", new byte[32 * 1024 * 1024]);
        await gateway.Host.WaitUntilReadyAsync();
        using var download = await gateway.GetAsync("files/a");
        await using var body = await download.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[4 * 1024 * 1024]);

        var text = await ReadAsync(gateway);
        using var health = await gateway.GetAsync("/health");
        var pool = (await MemoryGateway.ReadJsonAsync(health)).GetProperty("backends").GetProperty("files").GetProperty("pool");

        Assert.InRange(Value(text, "gateway_transfer_size_bytes_total{gateway_backend=\"files\",gateway_transfer_direction=\"download\"}"), 3 * 1024 * 1024, 31 * 1024 * 1024);
        Assert.Equal(1, Value(text, "gateway_transfer_active{gateway_backend=\"files\",gateway_transfer_direction=\"download\"}"));
        Assert.Equal(1, Value(text, "gateway_pool_leases{gateway_backend=\"files\"}"));
        Assert.True(Value(text, "gateway_pool_lease_oldest_seconds{gateway_backend=\"files\"}") > 0);
        Assert.Equal(1, pool.GetProperty("leases").GetInt32());
        Assert.True(pool.GetProperty("oldestLeaseSeconds").GetDouble() >= 0);
    }

    [Fact]
    public async Task Bytes_show_while_an_upload_runs()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var goOn = new TaskCompletionSource();
        var upload = gateway.SendAsync(HttpMethod.Put, "files/a", new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[4 * 1024 * 1024]);
            await stream.FlushAsync();
            await goOn.Task;
        }));

        const string Series = "gateway_transfer_size_bytes_total{gateway_backend=\"files\",gateway_transfer_direction=\"upload\"}";
        await Eventually.HoldsAsync(async () => (await ReadAsync(gateway)) is var text && text.Contains(Series, StringComparison.Ordinal) && Value(text, Series) >= 3 * 1024 * 1024);
        goOn.SetResult();
        using var created = await upload;

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(4 * 1024 * 1024, Value(await ReadAsync(gateway), Series));
    }

    [Fact]
    public async Task Gateways_in_one_process_count_for_themselves()
    {
        await using var one = await MemoryGateway.StartAsync();
        await using var other = await MemoryGateway.StartAsync();
        using var put = await one.PutAsync("files/a", "hello");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);

        using var response = await other.GetAsync("/metrics");

        Assert.DoesNotContain("gateway_transfer_size_bytes_total", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> ReadAsync(MemoryGateway gateway)
    {
        using var response = await gateway.GetAsync("/metrics");
        return await response.Content.ReadAsStringAsync();
    }

    private static double Value(string text, string series) => double.Parse(
        text.Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..], CultureInfo.InvariantCulture);
}
