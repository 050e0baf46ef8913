using System.Globalization;
using Gateway.Testing.Faults;
using Gateway.Testing.Servers;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Faults;

/// <summary>A server that allows an account two sessions, and a gateway that was configured to open eight.</summary>
public sealed class SessionLimitTests(ITestOutputHelper output) : IDisposable
{
    private const int Callers = 12;

    private readonly SessionLimit _limit = new();

    public void Dispose() => _limit.Dispose();

    [Theory]
    [InlineData("sftp", "1")]
    [InlineData("sftp", "4")]
    [InlineData("vsftpd", "1")]
    [InlineData("vsftpd", "4")]
    [InlineData("proftpd", "1")]
    [InlineData("proftpd", "4")]
    public async Task Every_caller_is_served_over_the_two_that_are_allowed(string server, string minConnections)
    {
        await using var backend = await StartAsync(server);
        backend.Settings["Pool:MinConnections"] = minConnections;
        backend.Settings["Pool:MaxConnections"] = "8";
        backend.Server.Files.Write("/file", Contract.Payload.Create(100_000));
        await using var gateway = await FaultGateway.StartAsync(backend.GetConfiguration());
        await gateway.WaitUntilReadyAsync();
        using var client = gateway.CreateClient();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var latencies = new Latencies();

        var failures = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                using var response = await client.GetAsync(new Uri($"/v1/backends/{server}/files/file", UriKind.Relative), CancellationToken.None);
                var body = await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
                latencies.AddSince(start);
                if (!response.IsSuccessStatusCode || body.Length != 100_000)
                {
                    return $"{(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500)))}";
                }
            }

            return null;
        }));

        // Each login of the gateway is a connection to the control port; data connections come in on others.
        var logins = await gateway.SumAsync("gateway_connection_open_duration_seconds_count");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{server}: {latencies}; {logins} logins"));
        Assert.All(failures, Assert.Null);
        Assert.InRange(logins, 2, 20);
    }

    private async Task<FaultBackend> StartAsync(string server) => server switch
    {
        "vsftpd" => FaultBackend.For(server, await VsftpdServer.StartAsync(new FtpServerOptions { ExtraLines = ["max_per_ip=2"] })),
        "proftpd" => FaultBackend.For(server, await ProFtpdServer.StartAsync(new FtpServerOptions { ExtraLines = ["MaxClientsPerUser 2"] })),
        _ => await FaultBackend.StartSftpAsync(server, new SshServerOptions { ExtraLines = ["ForceCommand " + _limit.Script] }),
    };
}
