using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.FunctionalTests.Contract;
using Gateway.Testing;
using Gateway.Testing.Network;

namespace Gateway.FunctionalTests.Testing;

/// <summary>The fault proxy does what tests believe it does.</summary>
public sealed class TcpProxyTests : IAsyncLifetime
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private TcpProxy _proxy = null!;
    private Socket _client = null!;
    private Socket _server = null!;

    public async Task InitializeAsync()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _proxy = TcpProxy.Start(((IPEndPoint)_listener.LocalEndPoint!).Port);
        _client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await _client.ConnectAsync(_proxy.EndPoint);
        _server = await _listener.AcceptAsync();
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task A_port_that_is_taken_for_a_moment_is_waited_for()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        other.Listen();
        var port = ((IPEndPoint)other.LocalEndPoint!).Port;
        var starting = Task.Run(() => TcpProxy.Start(IPAddress.Parse("127.0.0.2"), [port], IPAddress.Loopback));

        await Task.Delay(200);
        Assert.False(starting.IsCompleted);
        other.Dispose();

        await using var proxy = await starting;
        Assert.Equal(port, proxy.Port);
    }

    [Fact]
    public async Task Bytes_pass_both_ways_and_an_end_is_passed_on()
    {
        var content = Payload.Create(3_000_000);
        var sending = SendAndEndAsync(_client, content);
        Payload.AssertSame(content, await ReadToEndAsync(_server));
        await sending;
        sending = SendAndEndAsync(_server, content);
        Payload.AssertSame(content, await ReadToEndAsync(_client));
        await sending;
        Assert.Equal((content.Length, content.Length), (_proxy.ToServer.Forwarded, _proxy.ToClient.Forwarded));
        Assert.Equal(1, _proxy.AcceptedConnections);
        await Eventually.HoldsAsync(() => _proxy.OpenConnections == 0);
    }

    [Fact]
    public async Task A_delay_holds_every_byte_and_limits_no_rate()
    {
        _proxy.ToServer.Delay = TimeSpan.FromMilliseconds(200);
        var content = Payload.Create(20_000_000);
        var clock = Stopwatch.StartNew();
        var sending = SendAndEndAsync(_client, content);
        Assert.Equal(1, await _server.ReceiveAsync(new byte[1]));
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(195), TimeSpan.MaxValue);
        Payload.AssertSame(content.AsMemory(1), await ReadToEndAsync(_server));
        await sending;

        // 320 blocks of 64 KiB, each held by itself, would take a minute.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_connection_is_cut_after_exactly_so_many_bytes()
    {
        _proxy.ToServer.CutAfter = 100_001;
        _proxy.ToServer.Cut = TcpProxyCut.Swallow;
        var content = Payload.Create(1_000_000);
        await SendAndEndAsync(_client, content);
        Payload.AssertSame(content.AsMemory(0, 100_001), await ReadToEndAsync(_server));
    }

    [Fact]
    public async Task A_reset_is_seen_as_one()
    {
        _proxy.ToServer.CutAfter = 1;
        _proxy.ToServer.Cut = TcpProxyCut.Reset;
        await _client.SendAsync(new byte[10]);
        var thrown = await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(_client));
        Assert.Equal(SocketError.ConnectionReset, thrown.SocketErrorCode);
    }

    [Fact]
    public async Task What_is_frozen_arrives_when_it_thaws()
    {
        _proxy.ToServer.Freeze();
        var content = Payload.Create(50_000);
        var sending = SendAndEndAsync(_client, content);
        var reading = ReadToEndAsync(_server);
        await Task.Delay(200);
        Assert.False(reading.IsCompleted);
        Assert.Equal(0, _proxy.ToServer.Forwarded);
        _proxy.ToServer.Thaw();
        Payload.AssertSame(content, await reading);
        await sending;
    }

    [Fact]
    public async Task One_bit_is_flipped_and_the_seed_says_which()
    {
        _proxy.ToServer.CorruptAfter = 10_000;
        _proxy.ToServer.CorruptionSeed = 42;
        var content = Payload.Create(50_000);
        var sending = SendAndEndAsync(_client, content);
        var received = await ReadToEndAsync(_server);
        await sending;
        Assert.Equal(content.Length, received.Length);
        var changed = Assert.Single(Enumerable.Range(0, content.Length), i => content[i] != received[i]);
        Assert.InRange(changed, 10_000, 10_255);
        Assert.Equal(1, System.Numerics.BitOperations.PopCount((uint)(content[changed] ^ received[changed])));
    }

    [Fact]
    public async Task The_next_bytes_are_corrupted_once()
    {
        _proxy.ToServer.CorruptNext();
        await _client.SendAsync(new byte[10]);
        Assert.Equal(1, await ReadBitsAsync(10));
        await _client.SendAsync(new byte[10]);
        Assert.Equal(0, await ReadBitsAsync(10));
    }

    [Fact]
    public async Task A_connection_that_was_silent_is_forgotten_and_neither_side_is_told()
    {
        await _client.SendAsync(new byte[1]);
        Assert.Equal(1, await _server.ReceiveAsync(new byte[1]));
        _proxy.ForgetsIdleAfter = TimeSpan.Zero;
        await _client.SendAsync(new byte[1]);
        await _server.SendAsync(new byte[1]);
        _client.Shutdown(SocketShutdown.Send);

        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _server.ReceiveAsync(new byte[1], soon.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _client.ReceiveAsync(new byte[1], soon.Token));
        Assert.Equal(1, _proxy.OpenConnections);

        _proxy.CutForgotten();
        await Assert.ThrowsAsync<SocketException>(async () => await _server.ReceiveAsync(new byte[1]));
    }

    [Fact]
    public async Task A_throttled_line_takes_its_time()
    {
        _proxy.ToServer.BytesPerSecond = 200_000;
        var content = Payload.Create(100_000);
        var clock = Stopwatch.StartNew();
        var sending = SendAndEndAsync(_client, content);
        Payload.AssertSame(content, await ReadToEndAsync(_server));
        await sending;
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(450), TimeSpan.FromSeconds(10));
    }

    private static async Task SendAndEndAsync(Socket socket, ReadOnlyMemory<byte> content)
    {
        while (!content.IsEmpty)
        {
            content = content[await socket.SendAsync(content)..];
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private async Task<int> ReadBitsAsync(int count)
    {
        var bits = 0;
        var buffer = new byte[1];
        for (; count > 0 && await _server.ReceiveAsync(buffer) == 1; count--)
        {
            bits += System.Numerics.BitOperations.PopCount(buffer[0]);
        }

        return bits;
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await socket.ReceiveAsync(buffer)) > 0)
        {
            content.Write(buffer, 0, count);
        }

        return content.ToArray();
    }
}
