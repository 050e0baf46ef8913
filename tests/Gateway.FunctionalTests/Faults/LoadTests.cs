using System.Diagnostics;
using System.Net;
using Gateway.Testing.Faults;
using Gateway.Testing.Servers;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Faults;

/// <summary>More callers than connections.</summary>
public sealed class LoadTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Fifty_callers_at_once_on_a_cold_pool_are_all_served_by_a_server_that_drops_whoever_comes_fourth()
    {
        await using var backend = await FaultBackend.StartSftpAsync("sftp", new SshServerOptions { MaxStartups = "3:50:6" });
        backend.Settings["Pool:MinConnections"] = "0";
        backend.Settings["Pool:LeasesPerConnection"] = "4";
        await using var gateway = await FaultGateway.StartAsync(backend.GetConfiguration());
        using var client = gateway.CreateClient();
        var latencies = new Latencies();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await client.GetAsync(new Uri("/v1/backends/sftp/directories/", UriKind.Relative));
            latencies.AddSince(start);
            return response.StatusCode;
        }));

        output.WriteLine($"50 callers, MaxStartups 3:50:6: {latencies}");
        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.DoesNotContain("drop connection", backend.Server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("MaxStartups", backend.Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_clients_get_their_bytes_and_leave_room_for_others_in_little_memory()
    {
        var run = await SlowClients.RunAsync(200, TimeSpan.FromSeconds(5));

        output.WriteLine(run.Summary);
        Assert.Equal(run.Clients, run.Right);
        Assert.Equal(0, run.SmallFailures);
        Assert.InRange(run.PeakMemory, 1, 400L * 1024 * 1024);
        Assert.InRange(run.PeakConnections, 1, 8);
        Assert.True(run.Small.Median < TimeSpan.FromSeconds(1), run.Summary);
    }

    [Theory]
    [InlineData("sftp")]
    [InlineData("vsftpd")]
    public async Task A_wrong_password_is_tried_once_however_many_callers_come(string server)
    {
        var run = await WrongPassword.RunAsync(server, TimeSpan.FromSeconds(4));

        output.WriteLine(run.Summary);
        Assert.Equal(1, run.Attempts);
        Assert.Equal(0, run.OtherAnswers);
    }
}
