using Gateway.Sftp.Protocol;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Sftp.Protocol;

/// <summary>What is asked for ahead of a consumer is what the gateway holds when the consumer turns out to be slow.</summary>
public sealed class ReadAheadTests : IAsyncLifetime
{
    private const int Small = 32 * 1024;

    private readonly ManualTimeProvider _time = new();
    private ScriptedSftpServer _server = null!;
    private SftpChannel _channel = null!;
    private volatile bool _isFrozen;

    public async Task InitializeAsync()
    {
        _server = await ScriptedSftpServer.StartAsync();
        _channel = new SftpChannel(_server.Client, () => Task.FromResult<Exception>(new IOException("ended")), new SftpChannelOptions(), _time);
        var starting = _channel.StartAsync(CancellationToken.None);
        await _server.GreetAsync("limits@openssh.com");
        var request = await _server.ReceiveAsync();
        await _server.SendAsync(201, request.Id, [.. ScriptedSftpServer.Number(0), .. ScriptedSftpServer.Number(256 * 1024), .. new byte[24]]);
        await starting;
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_consumer_that_takes_long_for_a_chunk_gets_small_ones_until_it_has_to_wait_again()
    {
        await using var reader = new SftpFileReader(_channel, new SftpHandle([7]), 100_000_000);
        var usual = reader.PreferredReadSize;
        var buffer = new byte[usual];
        var serving = ServeAsync();
        for (var reads = 0; reader.PreferredReadSize == usual; reads++)
        {
            Assert.True(reads < 100, "However slow, it asks for whole chunks.");
            await reader.ReadAsync(buffer, CancellationToken.None);
            await Eventually.HoldsAsync(() => _channel.Owed == 0);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(Small, reader.PreferredReadSize);
        _isFrozen = true;
        Task<int> waiting;
        do
        {
            waiting = reader.ReadAsync(buffer, CancellationToken.None).AsTask();
        }
        while (waiting.IsCompleted);

        // A consumer that waits is fast.
        Assert.Equal(usual, reader.PreferredReadSize);
        _server.Close();
        await serving;
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
    }

    [Fact]
    public async Task While_much_is_held_in_all_everybody_asks_for_little()
    {
        const int much = 512 * 1024 * 1024;
        await using var reader = new SftpFileReader(_channel, new SftpHandle([7]), 100_000_000);
        ReadAhead.Add(much);
        try
        {
            var reading = reader.ReadAsync(new byte[reader.PreferredReadSize], CancellationToken.None).AsTask();

            Assert.Equal(Small, (await AnswerAsync(1)).Single());
            await reading;
        }
        finally
        {
            ReadAhead.Remove(much);
        }

        Assert.True(reader.PreferredReadSize > Small);
    }

    [Fact]
    public async Task A_reader_that_is_given_up_leaves_nothing_counted()
    {
        const int almost = 20 * 1024 * 1024;
        ReadAhead.Add(almost);
        try
        {
            var serving = ServeAsync();
            for (var i = 0; i < 60; i++)
            {
                await using var reader = new SftpFileReader(_channel, new SftpHandle([7]), 100_000_000);
                await reader.ReadAsync(new byte[1000], CancellationToken.None);
            }

            await using var last = new SftpFileReader(_channel, new SftpHandle([7]), 100_000_000);
            Assert.True(last.PreferredReadSize > Small);
            _server.Close();
            await serving;
        }
        finally
        {
            ReadAhead.Remove(almost);
        }
    }

    /// <summary>Answers until the test says stop, and from then on nothing.</summary>
    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var request = await _server.ReceiveAsync();
                if (!_isFrozen)
                {
                    await (request.Type == 5 ? _server.SendDataAsync(request.Id, new byte[request.Count]) : _server.SendStatusAsync(request.Id, 0));
                }
            }
        }
        catch (Exception e) when (e is EndOfStreamException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    /// <summary>Answers so many READs.</summary>
    /// <returns>What each asked for, in bytes.</returns>
    private async Task<IReadOnlyList<int>> AnswerAsync(int count)
    {
        var sizes = new List<int>();
        while (sizes.Count < count)
        {
            var request = await _server.ReceiveAsync();
            if (request.Type == 5)
            {
                await _server.SendDataAsync(request.Id, new byte[request.Count]);
                sizes.Add(request.Count);
            }
        }

        return sizes;
    }
}
