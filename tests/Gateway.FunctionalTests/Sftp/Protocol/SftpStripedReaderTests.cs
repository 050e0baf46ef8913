using Gateway.Sftp.Protocol;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Sftp.Protocol;

/// <summary>One file over several connections to servers that answer short, die, and come back; each run differs, by its seed.</summary>
public sealed class SftpStripedReaderTests : IAsyncLifetime
{
    private readonly byte[] _content = new byte[3_000_000];
    private readonly List<(ScriptedSftpServer Server, SftpChannel Channel, SftpHandle Handle)> _lines = [];
    private readonly List<Task> _serving = [];

    public Task InitializeAsync()
    {
        new Random(1).NextBytes(_content);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var (server, channel, _) in _lines)
        {
            await channel.DisposeAsync();
            await server.DisposeAsync();
        }

        await Task.WhenAll(_serving);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Every_byte_comes_once_and_in_order_whatever_happens_to_the_connections(int seed)
    {
        var random = new Random(seed);
        var (_, channel, handle) = await OpenAsync(random.Next());
        await using var reader = new SftpFileReader(channel, handle, _content.Length);
        var offset = random.Next(100_000);
        var length = _content.Length - offset - random.Next(100_000);
        reader.Select(offset, length);
        var received = new MemoryStream();
        var buffer = new byte[300_000];
        for (var i = random.Next(5); i > 0; i--)
        {
            received.Write(buffer.AsSpan(0, await reader.ReadAsync(buffer.AsMemory(0, random.Next(20_000, 40_000)), CancellationToken.None)));
        }

        using var striped = SftpStripedReader.TakeOver(reader, handle, _content.Length, TimeProvider.System)!;
        Assert.NotNull(striped);
        var active = new List<(ScriptedSftpServer Server, SftpChannel Channel, SftpHandle Handle)> { _lines[0] };
        while (true)
        {
            if (active.Count < 2 || (active.Count < 6 && random.Next(6) == 0))
            {
                var line = await OpenAsync(random.Next());
                striped.Add(line.Channel, line.Handle);
                active.Add(line);
            }
            else if (random.Next(8) == 0)
            {
                var line = active[random.Next(active.Count)];
                active.Remove(line);
                switch (random.Next(3))
                {
                    case 0:
                        line.Server.Close();
                        break;
                    case 1:
                        striped.Remove(line.Channel, line.Handle);
                        break;
                    default:
                        // At the same time as the read that follows.
                        _serving.Add(Task.Run(() => striped.Remove(line.Channel, line.Handle)));
                        break;
                }
            }

            var size = random.Next(3) == 0 ? random.Next(1, 40_000) : buffer.Length;
            var count = await striped.ReadAsync(buffer.AsMemory(0, size), CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            if (count == 0)
            {
                break;
            }

            received.Write(buffer.AsSpan(0, count));
        }

        Assert.True(_content.AsSpan(offset, length).SequenceEqual(received.ToArray()));
        striped.Select(5, 10);
        for (var at = 0; at < 10;)
        {
            at += await striped.ReadAsync(buffer.AsMemory(at), CancellationToken.None);
        }

        Assert.Equal(_content[5..15], buffer[..10]);
        Assert.Equal(0, await striped.ReadAsync(buffer, CancellationToken.None));
    }

    [Fact]
    public async Task When_the_last_connection_dies_the_read_fails()
    {
        var (server, channel, handle) = await OpenAsync(1);
        var other = await OpenAsync(2);
        await using var reader = new SftpFileReader(channel, handle, _content.Length);
        using var striped = SftpStripedReader.TakeOver(reader, handle, _content.Length, TimeProvider.System)!;
        striped.Add(other.Channel, other.Handle);
        var buffer = new byte[300_000];
        await striped.ReadAsync(buffer, CancellationToken.None);

        server.Close();
        other.Server.Close();

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await striped.ReadAsync(buffer, CancellationToken.None) > 0)
            {
            }
        });
        await Assert.ThrowsAsync<ObjectDisposedException>(() => striped.ReadAsync(buffer, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_wait()
    {
        var silent = await OpenAsync(1, serves: false);
        await using var reader = new SftpFileReader(silent.Channel, silent.Handle, _content.Length);
        using var striped = SftpStripedReader.TakeOver(reader, silent.Handle, _content.Length, TimeProvider.System)!;
        using var caller = new CancellationTokenSource();
        var reading = striped.ReadAsync(new byte[300_000], caller.Token).AsTask();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_done_without()
    {
        var silent = await OpenAsync(1, serves: false);
        var other = await OpenAsync(2);
        await using var reader = new SftpFileReader(silent.Channel, silent.Handle, _content.Length);
        using var striped = SftpStripedReader.TakeOver(reader, silent.Handle, _content.Length, TimeProvider.System)!;
        striped.Add(other.Channel, other.Handle);
        var received = new MemoryStream();
        var buffer = new byte[300_000];

        while (await striped.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) is > 0 and var count)
        {
            received.Write(buffer.AsSpan(0, count));
        }

        Assert.True(received.ToArray().AsSpan().SequenceEqual(_content));
    }

    private async Task<(ScriptedSftpServer Server, SftpChannel Channel, SftpHandle Handle)> OpenAsync(int seed, bool serves = true)
    {
        var server = await ScriptedSftpServer.StartAsync();
        var channel = new SftpChannel(
            server.Client, () => Task.FromResult<Exception>(new IOException("ended")), new SftpChannelOptions(), TimeProvider.System);
        var starting = channel.StartAsync(CancellationToken.None);
        await server.GreetAsync();
        await starting;
        if (serves)
        {
            _serving.Add(ServeAsync(server, new Random(seed)));
        }

        _lines.Add((server, channel, new SftpHandle([7])));
        return _lines[^1];
    }

    private async Task ServeAsync(ScriptedSftpServer server, Random random)
    {
        try
        {
            while (true)
            {
                var request = await server.ReceiveAsync();
                if (request.Type != 5)
                {
                    await server.SendStatusAsync(request.Id, 0);
                    continue;
                }

                var most = (int)Math.Min(request.Count, _content.Length - request.Offset);
                var count = random.Next(4) == 0 ? random.Next(1, most + 1) : most;
                await server.SendDataAsync(request.Id, _content[(int)request.Offset..((int)request.Offset + count)]);
            }
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or EndOfStreamException or ObjectDisposedException or TimeoutException)
        {
            // The line is cut, or the test is over.
        }
    }
}
