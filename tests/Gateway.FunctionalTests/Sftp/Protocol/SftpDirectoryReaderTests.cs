using Gateway.Sftp.Protocol;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Sftp.Protocol;

/// <summary>How many READDIRs are under way: a server must not wait for the next one, and callers behind it not for many.</summary>
public sealed class SftpDirectoryReaderTests : IAsyncLifetime
{
    private const byte Names = 104;
    private const int Hundred = 100;

    private readonly ManualTimeProvider _time = new();
    private readonly Queue<uint> _asked = new();
    private readonly List<SftpDirectoryEntry> _entries = new();
    private ScriptedSftpServer _server = null!;
    private SftpChannel _channel = null!;
    private int _answered;

    public async Task InitializeAsync()
    {
        _server = await ScriptedSftpServer.StartAsync();
        _channel = new SftpChannel(_server.Client, () => Task.FromResult<Exception>(new IOException("ended")), new SftpChannelOptions(), _time);
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(0, 10, 6)]
    [InlineData(10, 10, 16)]
    [InlineData(50, 10, 32)]
    [InlineData(50, 800, 12)]
    [InlineData(50, 2000, 6)]
    public async Task As_many_are_ahead_of_a_consumer_that_waits_as_the_line_is_long_and_the_replies_are_small(int milliseconds, int nameLength, int most)
    {
        var ahead = await ReadAsync(TimeSpan.FromMilliseconds(milliseconds), replies: 100, Hundred, nameLength);

        Assert.Equal(2, ahead[0]);
        Assert.Equal(most, ahead.Max());
        Assert.Equal(Enumerable.Range(0, 100 * Hundred), _entries.Select(entry => int.Parse(entry.Name.AsSpan(0, 8), provider: null)));
    }

    [Fact]
    public async Task A_small_folder_is_not_asked_for_more_than_its_end()
    {
        Assert.All(await ReadAsync(TimeSpan.FromMilliseconds(50), replies: 1, names: 20, nameLength: 10), ahead => Assert.InRange(ahead, 1, 2));
        Assert.Equal(20, _entries.Count);
    }

    [Fact]
    public async Task A_server_of_few_names_a_reply_is_asked_ahead_too() =>
        Assert.Equal(6, (await ReadAsync(TimeSpan.Zero, replies: 30, names: 1, nameLength: 10)).Max());

    [Fact]
    public async Task Replies_out_of_order_are_put_in_order_and_a_late_one_is_waited_for()
    {
        await StartAsync(TimeSpan.Zero);
        await using var reader = new SftpDirectoryReader(_channel, new SftpHandle([7]));
        var first = reader.ReadBatchAsync(_entries, CancellationToken.None).AsTask();
        await ReceiveAsync(2);
        await AnswerAsync(Hundred, 10);
        Assert.True(await first);
        var second = reader.ReadBatchAsync(_entries, CancellationToken.None).AsTask();
        await ReceiveAsync(6);
        await AnswerAsync(Hundred, 10);
        Assert.True(await second);

        // From here on the server is known to be fast, and three are waited for together.
        var late = _asked.Dequeue();
        var third = reader.ReadBatchAsync(_entries, CancellationToken.None).AsTask();
        await AnswerAsync(Hundred, 10);
        await AnswerAsync(Hundred, 10);
        await AnswerAsync(Hundred, 10);
        await _server.SendStatusAsync(late, 3);

        Assert.Equal(SftpStatusCode.PermissionDenied, (await Assert.ThrowsAsync<SftpStatusException>(() => third)).Code);
        Assert.Equal(2 * Hundred, _entries.Count);
    }

    /// <summary>Reads a folder whose server answers one READDIR after the other, and no more of them than the reader waits for.</summary>
    /// <returns>How many READDIRs were unanswered before each answer.</returns>
    private async Task<List<int>> ReadAsync(TimeSpan roundTrip, int replies, int names, int nameLength)
    {
        await StartAsync(roundTrip);
        var ahead = new List<int>();
        var unread = 0;
        await using var reader = new SftpDirectoryReader(_channel, new SftpHandle([7]));
        for (var batch = 0; ; batch++)
        {
            var reading = reader.ReadBatchAsync(_entries, CancellationToken.None).AsTask();
            await ReceiveAsync(_channel.Owed);

            // From the second reply on the server is known to be fast, if it is, and three are waited for together. With one more it would be
            // a matter of chance whether the reader had to wait next time.
            var wanted = unread > 0 ? 0 : batch >= 2 && roundTrip == TimeSpan.Zero ? Math.Min(3, _asked.Count) : 1;
            for (; unread < wanted; unread++)
            {
                ahead.Add(_asked.Count);
                _time.Advance(roundTrip);
                if (_answered < replies)
                {
                    await AnswerAsync(names, nameLength);
                }
                else
                {
                    await _server.SendStatusAsync(_asked.Dequeue(), 1);
                }
            }

            if (!await reading)
            {
                return ahead;
            }

            unread--;
        }
    }

    private async Task StartAsync(TimeSpan roundTrip)
    {
        var starting = _channel.StartAsync(CancellationToken.None);
        await _server.GreetAsync("limits@openssh.com");
        var request = await _server.ReceiveAsync();
        _time.Advance(roundTrip);
        await _server.SendAsync(201, request.Id, [.. ScriptedSftpServer.Number(0), .. ScriptedSftpServer.Number(256 * 1024), .. new byte[24]]);
        await starting;
    }

    private async Task ReceiveAsync(int unanswered)
    {
        while (_asked.Count < unanswered)
        {
            _asked.Enqueue((await _server.ReceiveAsync()).Id);
        }
    }

    private Task AnswerAsync(int names, int nameLength)
    {
        var first = _answered++ * names;
        return _server.SendAsync(Names, _asked.Dequeue(),
        [
            .. ScriptedSftpServer.Number((uint)names),
            .. Enumerable.Range(first, names).SelectMany(number => (byte[])
            [
                .. ScriptedSftpServer.Text(number.ToString("d8", null).PadRight(nameLength, '-')), .. ScriptedSftpServer.Text(""), .. ScriptedSftpServer.Number(0),
            ]),
        ]);
    }
}
