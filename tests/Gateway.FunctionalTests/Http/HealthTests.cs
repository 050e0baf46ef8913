using System.Net;
using System.Text.Json;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.Http;

public sealed class HealthTests
{
    [Fact]
    public async Task Every_pool_is_shown_and_nothing_is_opened_for_it()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await gateway.Host.WaitUntilReadyAsync();

        using var response = await gateway.GetAsync("/health");

        var health = await MemoryGateway.ReadJsonAsync(response);
        Assert.Equal("application/health+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("pass", health.GetProperty("status").GetString());
        var files = health.GetProperty("backends").GetProperty("files");
        Assert.Equal("""{"idle":1,"leased":0,"leases":0,"opening":0,"waiting":0,"max":8,"oldestLeaseSeconds":null}""", files.GetProperty("pool").GetRawText());
        Assert.Equal("pass", files.GetProperty("status").GetString());
        Assert.Equal("memory", files.GetProperty("protocol").GetString());
        Assert.Equal("closed", files.GetProperty("circuit").GetString());
        Assert.Equal(JsonValueKind.Null, files.GetProperty("lastError").ValueKind);
        Assert.Equal(1, gateway.Backend.Opened);
    }

    [Fact]
    public async Task It_is_not_ready_before_the_first_attempt_has_ended_but_alive()
    {
        var (backend, goOn) = (new MemoryBackend(), new TaskCompletionSource());
        backend.Before = (operation, _, token) => operation == MemoryOperation.Open ? new ValueTask(goOn.Task.WaitAsync(token)) : default;
        await using var gateway = await GatewayHost.StartAsync(new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["files"] = backend });

        using var starting = await gateway.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using var live = await gateway.Client.GetAsync(new Uri("/health/live", UriKind.Relative));
        goOn.SetResult();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, starting.StatusCode);
        Assert.Equal("fail", JsonDocument.Parse(await starting.Content.ReadAsStringAsync()).RootElement.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        await gateway.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task A_dead_backend_warns_takes_nobody_out_of_service_and_all_of_them_fail()
    {
        var (good, bad) = (new MemoryBackend(), new MemoryBackend());
        bad.Before = (operation, _, _) => operation == MemoryOperation.Open
            ? throw new BackendException(BackendError.AuthenticationFailed, "The server refused the password.")
            : default;
        await using var gateway = await GatewayHost.StartAsync(new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["good"] = good, ["bad"] = bad });
        await gateway.WaitUntilReadyAsync();

        var (status, health) = await ReadAsync(gateway);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("warn", health.GetProperty("status").GetString());
        var lastError = health.GetProperty("backends").GetProperty("bad").GetProperty("lastError");
        Assert.Equal("fail", health.GetProperty("backends").GetProperty("bad").GetProperty("status").GetString());
        Assert.Equal("backend-authentication-failed", lastError.GetProperty("problem").GetString());
        Assert.Equal("The server refused the password.", lastError.GetProperty("detail").GetString());
        Assert.EndsWith("Z", lastError.GetProperty("at").GetString(), StringComparison.Ordinal);
        Assert.Equal("pass", health.GetProperty("backends").GetProperty("good").GetProperty("status").GetString());

        good.Before = bad.Before;
        good.LoseConnections();
        for ((status, health) = await ReadAsync(gateway); status == HttpStatusCode.OK; (status, health) = await ReadAsync(gateway))
        {
            await Task.Delay(10);
        }

        Assert.Equal("fail", health.GetProperty("status").GetString());
        await gateway.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task Without_a_backend_it_is_ready()
    {
        await using var gateway = await GatewayHost.StartAsync(new Dictionary<string, MemoryBackend>(StringComparer.Ordinal));
        await gateway.WaitUntilReadyAsync();
        Assert.Equal("""{"status":"pass","backends":{}}""", (await ReadAsync(gateway)).Health.GetRawText());
    }

    [Fact]
    public async Task Stopping_refuses_the_new_and_finishes_the_old()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", new byte[300_000]);
        var (isReading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Backend.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.Read && isReading.TrySetResult())
            {
                await goOn.Task.WaitAsync(token);
            }
        };
        var running = gateway.GetAsync("files/a");
        await isReading.Task;

        var stopping = gateway.Host.StopAsync();
        using var ready = await gateway.GetAsync("/health/ready");
        using var live = await gateway.GetAsync("/health/live");
        using var health = await gateway.GetAsync("/health");
        using var refused = await gateway.GetAsync("files/a");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.ServiceUnavailable, "shutting-down");
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.True(refused.Headers.ConnectionClose);
        Assert.False(stopping.IsCompleted);
        goOn.SetResult();
        using var finished = await running;
        Assert.Equal(300_000, (await finished.Content.ReadAsByteArrayAsync()).Length);
        await stopping;
    }

    [Fact]
    public async Task What_does_not_finish_in_time_is_cut_off_and_never_looks_whole()
    {
        await using var gateway = await MemoryGateway.StartAsync(("ShutdownTimeout", "00:00:01"));
        gateway.Backend.AddFile("/a", new byte[1_000_000]);
        var reads = 0;
        gateway.Backend.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.Read && Interlocked.Increment(ref reads) == 3)
            {
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        using var response = await gateway.GetAsync("files/a");

        await gateway.Host.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
        Assert.Equal(0, gateway.Backend.OpenReads);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Health)> ReadAsync(GatewayHost gateway)
    {
        using var response = await gateway.Client.GetAsync(new Uri("/health", UriKind.Relative));
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }
}
