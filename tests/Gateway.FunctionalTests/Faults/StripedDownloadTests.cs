using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Faults;

/// <summary>Large downloads from a distant server, where one connection's window is the limit: 25 MiB/s at 80 ms.</summary>
public sealed class StripedDownloadTests
{
    private const int Large = 48 * 1024 * 1024;

    [Fact]
    public async Task A_large_file_comes_over_several_connections_and_is_the_same()
    {
        await using var server = await DistantServer.StartAsync(4);
        var hash = server.Write("/file", Large);

        await using (var body = await server.BeginAsync("/file"))
        {
            Assert.Equal(hash, await SHA256.HashDataAsync(body));
        }

        Assert.InRange(await server.CountExtrasAsync(), 1, 2);
        await server.WaitUntilAsync(pool => pool is { Leases: 0, Idle: 4 });
        await using (var body = await server.BeginAsync("/file", from: 1_000_000))
        {
            Assert.Equal(Large - 1_000_000, (await ReadAsync(body)).Length);
        }

        Assert.InRange(await server.CountExtrasAsync(), 2, 4);
        await server.WaitUntilAsync(pool => pool is { Leases: 0, Idle: 4 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_that_die_or_fall_silent_in_the_middle_are_done_without(bool isSilent)
    {
        await using var server = await DistantServer.StartAsync(4);
        var hash = server.Write("/file", Large);
        await using var body = await server.BeginAsync("/file");
        var received = new MemoryStream();
        await ReadUntilStripedAsync(server, body, received);

        // One of them idles, another may be the one that the transfer began on.
        if (isSilent)
        {
            server.Backend.Proxy.ForgetSome(2);
        }
        else
        {
            server.Backend.Proxy.CutSome(2);
        }

        await body.CopyToAsync(received);
        Assert.Equal(hash, SHA256.HashData(received.ToArray()));
        server.Backend.Proxy.CutForgotten();
        await server.WaitUntilAsync(pool => pool is { Leases: 0 });
    }

    [Fact]
    public async Task A_file_that_is_replaced_in_the_middle_is_never_mixed()
    {
        await using var server = await DistantServer.StartAsync(4);
        var hash = server.Write("/file", Large);
        server.Write("/other", Large, seed: 2);
        server.SetTime("/other", DateTime.UtcNow.AddDays(-2));
        await using var body = await server.BeginAsync("/file");

        File.Move(server.Backend.Server.Files.Root + "/other", server.Backend.Server.Files.Root + "/file", overwrite: true);

        Assert.Equal(hash, await SHA256.HashDataAsync(body));
        await server.WaitUntilAsync(pool => pool is { Leases: 0 });
    }

    [Fact]
    public async Task A_caller_that_comes_meanwhile_gets_the_connection_that_a_download_had_taken()
    {
        await using var server = await DistantServer.StartAsync(2, ("Pool:LeasesPerConnection", "1"));
        var hash = server.Write("/file", Large);
        await using var body = await server.BeginAsync("/file");
        var received = new MemoryStream();
        await ReadUntilStripedAsync(server, body, received);

        // On a busy machine it may just have been given back: it comes again while the body is taken, which else ends too early.
        while ((await server.GetPoolAsync()).Leases < 2)
        {
            await TakeAsync(body, received, 1);
        }

        // The download's own caller takes nothing now: what it holds must be given back without it. (As long as buffers take what comes it may
        // have an extra connection again right after.)
        using var response = await server.Client.GetAsync(new Uri($"/v1/backends/{DistantServer.Name}/entries/file", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await body.CopyToAsync(received);
        Assert.Equal(hash, SHA256.HashData(received.ToArray()));
        await server.WaitUntilAsync(pool => pool is { Leases: 0, Idle: 2 });
    }

    [Theory]
    [InlineData("Transfers:ConnectionsPerTransfer", "1", 4)]
    [InlineData("Pool:MaxConnections", "1", 1)]
    public async Task It_can_be_switched_off(string key, string value, int connections)
    {
        await using var server = await DistantServer.StartAsync(connections, (key, value));
        var hash = server.Write("/file", Large / 2);

        await using var body = await server.BeginAsync("/file");

        Assert.Equal(hash, await SHA256.HashDataAsync(body));
        Assert.Equal(0, await server.CountExtrasAsync());
    }

    [Fact]
    public async Task A_slow_caller_has_one_connection()
    {
        await using var server = await DistantServer.StartAsync(3);
        server.Write("/file", Large);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 64 * 1024 };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Gateway.BaseAddress.Port));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /v1/backends/{DistantServer.Name}/files/file HTTP/1.1\r\nHost: gateway\r\n\r\n"));

        // 4 MiB/s, of the 25 that one connection could bring.
        var buffer = new byte[64 * 1024];
        for (var taken = 0; taken < 14 * 1024 * 1024;)
        {
            taken += await socket.ReceiveAsync(buffer);
            await Task.Delay(TimeSpan.FromMilliseconds(16));
        }

        Assert.Equal(0, await server.CountExtrasAsync());
        Assert.Equal(1, (await server.GetPoolAsync()).Leases);
    }

    [Fact]
    public async Task A_server_that_allows_no_more_sessions_is_not_hammered()
    {
        using var limit = new SessionLimit();
        await using var server = await DistantServer.StartAsync(
            new SshServerOptions { ExtraLines = ["ForceCommand " + limit.Script] }, ("Pool:MinConnections", "2"), ("Pool:MaxConnections", "8"));
        var hash = server.Write("/file", Large);

        for (var i = 0; i < 2; i++)
        {
            await using var body = await server.BeginAsync("/file");
            Assert.Equal(hash, await SHA256.HashDataAsync(body));
        }

        // Two that work. Those that fail were begun before the first of them had.
        Assert.InRange(server.Backend.Proxy.AcceptedConnections, 2, 6);
        await server.WaitUntilAsync(pool => pool is { Leases: 0 });
    }

    /// <summary>Takes what comes until it comes over several connections.</summary>
    private static async Task ReadUntilStripedAsync(DistantServer server, Stream body, MemoryStream received)
    {
        while (await server.CountExtrasAsync() == 0)
        {
            await TakeAsync(body, received, 1);
        }

        // The members have opened the file, and have been asked for a part of it.
        await TakeAsync(body, received, 8);
    }

    private static async Task TakeAsync(Stream body, MemoryStream received, int mebibytes)
    {
        var buffer = new byte[mebibytes * 1024 * 1024];
        await body.ReadExactlyAsync(buffer);
        received.Write(buffer);
    }

    private static async Task<byte[]> ReadAsync(Stream body)
    {
        var received = new MemoryStream();
        await body.CopyToAsync(received);
        return received.ToArray();
    }
}
