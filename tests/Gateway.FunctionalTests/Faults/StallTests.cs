using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Testing;
using Gateway.Testing.Faults;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Faults;

/// <summary>
/// Whoever stops in the middle of a transfer: it ends within its timeout, frees what it held, and is reported as the one whose fault it
/// was.
/// </summary>
public sealed class StallTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(12);
    private static readonly FileVersion File = new(5, 40_000_000);

    public static TheoryData<string> Servers => ["sftp", "vsftpd", "proftpd"];

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_server_that_is_stopped_under_a_download(string server) => BackendStallsAsync(server, isUpload: false, backend => backend.Server.Pause());

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_server_that_is_stopped_under_an_upload(string server) => BackendStallsAsync(server, isUpload: true, backend => backend.Server.Pause());

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_line_that_is_forgotten_under_a_download(string server) => BackendStallsAsync(server, isUpload: false, backend => backend.Proxy.ForgetAll());

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_line_that_goes_dead_under_an_upload(string server) => BackendStallsAsync(server, isUpload: true, backend =>
    {
        // Not forgotten by the proxy, which would go on taking bytes, as no dead line does.
        backend.Proxy.ToServer.Freeze();
        backend.Proxy.ToClient.Freeze();
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_caller_that_stops_reading(string server) => CallerStallsAsync(server, isUpload: false);

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_caller_that_stops_sending(string server) => CallerStallsAsync(server, isUpload: true);

    private async Task BackendStallsAsync(string server, bool isUpload, Action<FaultBackend> stall)
    {
        await using var backend = await StartAsync(server);
        await using var gateway = await FaultGateway.StartAsync(backend.GetConfiguration());
        await gateway.WaitUntilReadyAsync();
        using var client = gateway.CreateClient();
        await RecoversAsync(client, server);
        var under = new TaskCompletionSource();
        var clock = new Stopwatch();
        var transfer = isUpload ? UploadAsync(client, server, under) : DownloadAsync(client, server, under);
        await Task.WhenAny(under.Task, transfer);
        while (await gateway.SumAsync("gateway_transfer_active") < 1)
        {
            Assert.False(transfer.IsCompleted);
        }

        stall(backend);
        clock.Start();

        Assert.False(await transfer.WaitAsync(Limit + Promptly));
        output.WriteLine($"{server}: ended after {clock.Elapsed.TotalSeconds:0.0} s");
        await ExpectAsync(gateway, "backend_failed");

        await backend.HealAsync();
        await RecoversAsync(client, server);
        Assert.False(backend.Server.Files.Exists("/new"));
        await Eventually.HoldsAsync(() => backend.Server.Files.List("/").Count == 1);
    }

    private async Task CallerStallsAsync(string server, bool isUpload)
    {
        await using var backend = await StartAsync(server);
        await using var gateway = await FaultGateway.StartAsync(backend.GetConfiguration());
        await gateway.WaitUntilReadyAsync();
        using var client = gateway.CreateClient();
        await RecoversAsync(client, server);
        var clock = Stopwatch.StartNew();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, gateway.Process.Client.BaseAddress!.Port));
        await socket.SendAsync(Encoding.ASCII.GetBytes(isUpload
            ? $"PUT /v1/backends/{server}/files/new HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1000000\r\n\r\n{new string('x', 100_000)}"
            : $"GET /v1/backends/{server}/files/file HTTP/1.1\r\nHost: gateway\r\n\r\n"));

        await ExpectAsync(gateway, "caller_stalled");

        output.WriteLine($"{server}: ended after {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Limit + Promptly);
        Assert.Equal(0, await gateway.SumAsync("gateway_pool_circuit"));
        Assert.Equal(0, await gateway.SumAsync("gateway_pool_evictions_total", "reason=\"probe_failed\""));
        if (server == "sftp")
        {
            // The caller's fault is never the backend's: SFTP's connection is shared, and must live on. FTP may have to end one.
            Assert.Equal(0, await gateway.SumAsync("gateway_pool_evictions_total"));
        }

        await RecoversAsync(client, server);
        Assert.Equal(["file"], backend.Server.Files.List("/"));
    }

    private static async Task<FaultBackend> StartAsync(string server)
    {
        var backend = await FaultBackend.StartAsync(server);
        backend.Settings["Transfers:OperationTimeout"] = backend.Settings["Transfers:StallTimeout"] = Limit.ToString("c");
        backend.Settings["Pool:ConnectTimeout"] = "00:00:03";
        backend.Settings["Pool:ProbeInterval"] = "00:00:01";
        backend.Server.Files.Write("/file", File.ToArray());
        return backend;
    }

    /// <summary>It ended once, and so; nothing is held any more.</summary>
    private static async Task ExpectAsync(FaultGateway gateway, string outcome)
    {
        const string Ended = "gateway_transfer_duration_seconds_count";
        var patience = Stopwatch.StartNew();
        while (await gateway.SumAsync(Ended) == 0 || (await gateway.GetPoolsAsync()).Values.Any(pool => pool.Leases > 0))
        {
            Assert.True(patience.Elapsed < Limit + Promptly, await DescribeAsync(gateway));
            await Task.Delay(20);
        }

        Assert.True(
            await gateway.SumAsync(Ended, $"outcome=\"{outcome}\"") == 1 && await gateway.SumAsync(Ended) == 1, await DescribeAsync(gateway));
    }

    private static async Task<string> DescribeAsync(FaultGateway gateway) => string.Join(
        '\n',
        (await gateway.Process.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
            .Where(line => line.StartsWith("gateway_transfer_duration_seconds_count", StringComparison.Ordinal) || line.StartsWith("gateway_pool_connections{", StringComparison.Ordinal) || line.StartsWith("gateway_pool_leases", StringComparison.Ordinal))
            .Concat(gateway.Process.Output.Split('\n').TakeLast(20)));

    private static async Task RecoversAsync(HttpClient client, string server)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            using var response = await client.GetAsync(new Uri($"/v1/backends/{server}/entries/file", UriKind.Relative));
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            Assert.InRange(patience.Elapsed, TimeSpan.Zero, Promptly);
            await Task.Delay(50);
        }
    }

    /// <returns>Whether it was whole.</returns>
    private static async Task<bool> DownloadAsync(HttpClient client, string server, TaskCompletionSource under)
    {
        try
        {
            using var response = await client.GetAsync(new Uri($"/v1/backends/{server}/files/file", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[1000]);
            under.SetResult();
            await Task.Delay(100);
            await body.CopyToAsync(Stream.Null);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return false;
        }
    }

    /// <returns>Whether it was taken.</returns>
    private static async Task<bool> UploadAsync(HttpClient client, string server, TaskCompletionSource under)
    {
        try
        {
            using var response = await client.PutAsync(new Uri($"/v1/backends/{server}/files/new", UriKind.Relative), new EndlessContent(under));
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return false;
        }
    }

    /// <summary>Goes on for as long as somebody takes it.</summary>
    private sealed class EndlessContent(TaskCompletionSource under) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[64 * 1024];
            for (var i = 0; ; i++)
            {
                await stream.WriteAsync(piece);
                if (i == 32)
                {
                    under.TrySetResult();
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
