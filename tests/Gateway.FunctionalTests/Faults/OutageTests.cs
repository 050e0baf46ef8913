using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Gateway.Testing;
using Gateway.Testing.Faults;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Faults;

/// <summary>Servers that go away under load, with or without a word, and come back.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private const int Callers = 20;

    /// <summary>The broker believes that a connection lives which it heard within five seconds.</summary>
    private static readonly TimeSpan LongerThanTrust = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData("sftp")]
    [InlineData("vsftpd")]
    public async Task A_server_killed_under_load_is_told_at_once_and_used_again_soon_after_its_return(string server)
    {
        await using var backend = await FaultBackend.StartAsync(server);
        backend.Server.Files.Write("/file", Contract.Payload.Create(50_000));
        await using var gateway = await FaultGateway.StartAsync(backend.GetConfiguration());
        await gateway.WaitUntilReadyAsync();
        using var client = gateway.CreateClient();
        using var end = new CancellationTokenSource();
        var answers = new ConcurrentQueue<(TimeSpan Begun, TimeSpan Ended, HttpStatusCode Status)>();
        var clock = Stopwatch.StartNew();
        var load = Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                var begun = clock.Elapsed;
                HttpStatusCode status;
                try
                {
                    using var response = await client.GetAsync(new Uri($"/v1/backends/{server}/files/file", UriKind.Relative), CancellationToken.None);
                    status = response.StatusCode;
                }
                catch (HttpRequestException)
                {
                    // Cut off in the middle of the body, when the server was killed.
                    status = default;
                }

                answers.Enqueue((begun, clock.Elapsed, status));
                await Task.Delay(10, CancellationToken.None);
            }
        }).ToArray();

        await Task.Delay(500);
        var killed = clock.Elapsed;
        await backend.Server.StopAsync();
        await Eventually.HoldsAsync(async () => await gateway.SumAsync("gateway_pool_circuit") > 0);
        var open = clock.Elapsed;
        await Task.Delay(3000);
        await backend.Server.StartAgainAsync();
        var back = clock.Elapsed;
        var attempts = backend.Proxy.AcceptedConnections;
        bool IsServed() => answers.Any(answer => answer.Begun > back && answer.Status == HttpStatusCode.OK);
        await Eventually.HoldsAsync(() => backend.Proxy.AcceptedConnections > attempts || IsServed());
        var asked = clock.Elapsed;
        await Eventually.HoldsAsync(IsServed);
        var served = clock.Elapsed;
        await Task.Delay(2000);
        await end.CancelAsync();
        await Task.WhenAll(load);

        var during = answers.Where(answer => answer.Begun > open && answer.Ended < back).ToArray();
        var longest = during.Max(answer => answer.Ended - answer.Begun);
        output.WriteLine($"{server}: breaker open {(open - killed).TotalMilliseconds:0} ms after the kill; then {during.Length} answers, the slowest within {longest.TotalMilliseconds:0} ms; asked again {(asked - back).TotalMilliseconds:0} ms after the return, served {(served - asked).TotalMilliseconds:0} ms later");
        Assert.All(during, answer => Assert.True(answer.Status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable, $"{answer.Status}"));
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2));

        // How soon the server is asked is the gateway's to decide, how long its login takes is not; one login is enough for all.
        Assert.InRange(asked - back, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.All(answers.Where(answer => answer.Begun > served), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Theory]
    [InlineData("sftp")]
    [InlineData("vsftpd")]
    [InlineData("proftpd")]
    public async Task Connections_that_a_firewall_forgot_cost_the_next_request_no_more_than_a_probe(string server)
    {
        await using var backend = await FaultBackend.StartAsync(server);
        backend.Settings["Pool:MinConnections"] = "3";
        backend.Server.Files.Write("/file", Contract.Payload.Create(50_000));
        await using var gateway = await FaultGateway.StartAsync(backend.GetConfiguration());
        await gateway.WaitUntilReadyAsync();
        using var client = gateway.CreateClient();
        var url = new Uri($"/v1/backends/{server}/files/file", UriKind.Relative);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.GetByteArrayAsync(url)));

        // No login is under way, and no probe is due for half a minute: the request itself finds out.
        while ((await gateway.GetPoolsAsync())[server] is not { Opening: 0, Leases: 0, Idle: >= 3 })
        {
            await Task.Delay(20);
        }

        backend.Proxy.ForgetAll();
        await Task.Delay(LongerThanTrust);
        var latencies = new Latencies();
        var failures = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await client.GetAsync(url);
            var body = await response.Content.ReadAsByteArrayAsync();
            latencies.AddSince(start);
            return response.IsSuccessStatusCode && body.Length == 50_000 ? null : System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500)));
        }));

        output.WriteLine($"{server}: {latencies}");
        Assert.All(failures, Assert.Null);

        // Half of the OperationTimeout, which is 30 s.
        Assert.InRange(latencies.Longest, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }
}
