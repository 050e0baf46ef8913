using Gateway.Sftp.Protocol;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Sftp.Protocol;

public sealed class SftpFileReaderTests : IAsyncLifetime
{
    private readonly byte[] _content = new byte[300_000];
    private ScriptedSftpServer _server = null!;
    private SftpChannel _channel = null!;

    public Task InitializeAsync()
    {
        new Random(1).NextBytes(_content);
        return StartAsync(TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(4_096)]
    [InlineData(32_768)]
    public async Task A_server_that_answers_short_still_gives_every_byte(int cap)
    {
        var serving = ServeAsync(cap);
        await using (var reader = new SftpFileReader(_channel, new SftpHandle([7]), _content.Length))
        {
            Assert.Equal(_content, await ReadAllAsync(reader, 40_000));
        }

        _server.Close();
        await serving;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(100_000)]
    public async Task Buffers_of_any_size_do(int buffer)
    {
        var serving = ServeAsync(32_768);
        await using (var reader = new SftpFileReader(_channel, new SftpHandle([7]), _content.Length))
        {
            reader.Select(1_000, 60_000);
            Assert.Equal(_content[1_000..61_000], await ReadAllAsync(reader, buffer));
            reader.Select(299_999, 1);
            Assert.Equal(_content[299_999..], await ReadAllAsync(reader, buffer));
        }

        _server.Close();
        await serving;
    }

    [Fact]
    public async Task Without_a_size_it_reads_to_the_end()
    {
        var serving = ServeAsync(32_768);
        await using (var reader = new SftpFileReader(_channel, new SftpHandle([7]), null))
        {
            Assert.Equal(_content, await ReadAllAsync(reader, 50_000));
        }

        _server.Close();
        await serving;
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(0)]
    public async Task A_file_that_ends_early_is_an_error_and_not_an_end(int length)
    {
        var serving = ServeAsync(32_768, length);
        await using (var reader = new SftpFileReader(_channel, new SftpHandle([7]), _content.Length))
        {
            await Assert.ThrowsAsync<SftpFileChangedException>(() => ReadAllAsync(reader, 40_000));
        }

        _server.Close();
        await serving;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    public async Task A_range_that_is_curtailed_ends_behind_what_was_asked_for(int taken)
    {
        var serving = ServeAsync(4_096);
        await using (var reader = new SftpFileReader(_channel, new SftpHandle([7]), _content.Length))
        {
            reader.Select(1_000, 200_000);
            var before = new byte[taken];
            for (var count = 0; count < taken;)
            {
                count += await reader.ReadAsync(before.AsMemory(count), CancellationToken.None);
            }

            var offset = (int)reader.Curtail()!;

            Assert.InRange(offset, 1_000 + taken, 200_999);
            byte[] all = [.. before, .. await ReadAllAsync(reader, 40_000)];
            Assert.Equal(_content[1_000..offset], all);
            Assert.Null(reader.Curtail());
            reader.Select(offset, 10);
            Assert.Equal(_content[offset..(offset + 10)], await ReadAllAsync(reader, 40_000));
        }

        _server.Close();
        await serving;
    }

    [Fact]
    public async Task A_small_file_that_has_grown_is_an_error()
    {
        var serving = ServeAsync(32_768);
        await using (var reader = new SftpFileReader(_channel, new SftpHandle([7]), 100))
        {
            await Assert.ThrowsAsync<SftpFileChangedException>(() => ReadAllAsync(reader, 40_000));
        }

        _server.Close();
        await serving;
    }

    [Fact]
    public async Task A_small_file_is_read_and_closed_with_one_round_trip()
    {
        await using var reader = new SftpFileReader(_channel, new SftpHandle([7]), 100);
        var reading = ReadAllAsync(reader, 40_000);
        var read = await _server.ReceiveAsync();
        var close = await _server.ReceiveAsync();
        Assert.Equal((5, 4), (read.Type, close.Type));
        await _server.SendDataAsync(read.Id, _content[..100]);
        await _server.SendStatusAsync(close.Id, 0);

        Assert.Equal(_content[..100], await reading);
    }

    [Fact]
    public async Task Memory_of_a_cancelled_read_is_left_alone()
    {
        using var leaving = new CancellationTokenSource();
        await using var reader = new SftpFileReader(_channel, new SftpHandle([7]), _content.Length);
        var buffer = new byte[40_000];
        var reading = reader.ReadAsync(buffer, leaving.Token).AsTask();
        var read = await _server.ReceiveAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        await _server.SendDataAsync(read.Id, Enumerable.Repeat((byte)0xEE, read.Count).ToArray());
        var probe = _channel.Stat("/after");
        _channel.Flush();
        while (true)
        {
            var seen = await _server.ReceiveAsync();
            if (seen.Type == 17)
            {
                await _server.SendAttributesAsync(seen.Id, 1);
                break;
            }
        }

        await probe.TakeAttributesAsync(CancellationToken.None);
        Assert.All(buffer, value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task A_cancelled_read_does_not_wait_for_the_rest_of_its_payload()
    {
        using var leaving = new CancellationTokenSource();
        await using var reader = new SftpFileReader(_channel, new SftpHandle([7]), _content.Length);
        var buffer = new byte[40_000];
        var reading = reader.ReadAsync(buffer, leaving.Token).AsTask();
        var read = await _server.ReceiveAsync();
        var payload = Enumerable.Repeat((byte)0xEE, read.Count).ToArray();
        var half = read.Count / 2;

        // Half of a packet, and then the server stops in the middle.
        await _server.SendRawAsync([.. ScriptedSftpServer.Number((uint)(9 + payload.Length)), 103, .. ScriptedSftpServer.Number(read.Id),
            .. ScriptedSftpServer.Number((uint)payload.Length), .. payload[..half]]);
        await Eventually.HoldsAsync(() => buffer[half - 1] == 0xEE);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        // The memory is the caller's again; the rest of the packet is thrown away, and the channel is in step.
        buffer.AsSpan().Clear();
        await _server.SendRawAsync(payload[half..]);
        var probe = _channel.Stat("/after");
        _channel.Flush();
        SftpPacket seen;
        while ((seen = await _server.ReceiveAsync()).Type != 17)
        {
        }

        await _server.SendAttributesAsync(seen.Id, 1);
        Assert.Equal(1, (await probe.TakeAttributesAsync(CancellationToken.None)).Length);
        Assert.All(buffer, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_consumer_that_allows_it_goes_on_where_its_bytes_were_received_and_never_with_the_last(bool allowed)
    {
        var serving = ServeAsync(32_768);
        await using (var reader = new SftpFileReader(_channel, new SftpHandle([7]), _content.Length) { AllowSynchronousContinuations = allowed })
        {
            var received = new MemoryStream();
            var onReadLoop = await Task.Run(async () =>
            {
                var (places, buffer) = (new List<bool>(), new byte[40_000]);
                int count;
                while ((count = await reader.ReadAsync(buffer, CancellationToken.None)) > 0)
                {
                    received.Write(buffer, 0, count);
                    places.Add(Environment.StackTrace.Contains("ReceiveReplyAsync", StringComparison.Ordinal));
                }

                return places;
            });

            Assert.Equal(_content, received.ToArray());
            Assert.Equal(allowed, onReadLoop.Contains(true));
            Assert.False(onReadLoop[^1]);
        }

        _server.Close();
        await serving;
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(50, 4)]
    public async Task A_consumer_that_does_not_read_makes_nobody_send(int roundTrip, int chunks)
    {
        var time = new ManualTimeProvider();
        await RestartAsync(time);
        await ProbeAsync(() => time.Advance(TimeSpan.FromMilliseconds(roundTrip)));
        await using var reader = new SftpFileReader(_channel, new SftpHandle([7]), _content.Length);
        var buffer = new byte[40_000];
        var reading = reader.ReadAsync(buffer, CancellationToken.None).AsTask();

        // It asks for two chunks, and on a long line, while it waits, for two more; once it has bytes and asks for none, no further ones are asked for.
        for (var i = 0; i < chunks; i++)
        {
            var read = await _server.ReceiveAsync();
            Assert.Equal(5, read.Type);
            await _server.SendDataAsync(read.Id, _content[(int)read.Offset..((int)read.Offset + read.Count)]);
        }

        await reading;
        await ProbeAsync(() => { });
    }

    /// <summary>Asks for something: nothing else must have been asked for before.</summary>
    private async Task ProbeAsync(Action meanwhile)
    {
        var probe = _channel.Stat("/after");
        _channel.Flush();
        var next = await _server.ReceiveAsync();
        Assert.Equal(17, next.Type);
        meanwhile();
        await _server.SendAttributesAsync(next.Id, 1);
        await probe.TakeAttributesAsync(CancellationToken.None);
    }

    private async Task RestartAsync(TimeProvider time)
    {
        await DisposeAsync();
        await StartAsync(time);
    }

    private async Task StartAsync(TimeProvider time)
    {
        _server = await ScriptedSftpServer.StartAsync();
        _channel = new SftpChannel(_server.Client, () => Task.FromResult<Exception>(new IOException("ended")), new SftpChannelOptions(), time);
        var starting = _channel.StartAsync(CancellationToken.None);
        await _server.GreetAsync();
        await starting;
    }

    private static async Task<byte[]> ReadAllAsync(SftpFileReader reader, int bufferSize)
    {
        var all = new MemoryStream();
        var buffer = new byte[bufferSize];
        int count;
        while ((count = await reader.ReadAsync(buffer, CancellationToken.None)) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    /// <summary>Answers READs from the content, each with at most <paramref name="cap"/> bytes, until the channel closes.</summary>
    private async Task ServeAsync(int cap, int? length = null)
    {
        try
        {
            while (true)
            {
                var request = await _server.ReceiveAsync();
                if (request.Type != 5)
                {
                    await _server.SendStatusAsync(request.Id, 0);
                    continue;
                }

                var count = (int)Math.Min(Math.Min(cap, request.Count), (length ?? _content.Length) - request.Offset);
                await (count <= 0
                    ? _server.SendStatusAsync(request.Id, 1)
                    : _server.SendDataAsync(request.Id, _content[(int)request.Offset..((int)request.Offset + count)]));
            }
        }
        catch (Exception e) when (e is EndOfStreamException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
