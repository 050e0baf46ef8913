using Gateway.Sftp.Protocol;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Sftp.Protocol;

public sealed class SftpChannelTests : IAsyncLifetime
{
    private ScriptedSftpServer _server = null!;
    private SftpChannel _channel = null!;

    public async Task InitializeAsync()
    {
        _server = await ScriptedSftpServer.StartAsync();
        _channel = NewChannel(new SftpChannelOptions());
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Text_instead_of_SFTP_is_kept_as_evidence_and_not_put_in_the_message()
    {
        var starting = _channel.StartAsync(CancellationToken.None);
        await _server.SendRawAsync("Welcome to the server! secret-motd\r\n"u8.ToArray());

        var error = await Assert.ThrowsAsync<SftpProtocolException>(() => starting);

        Assert.Contains("Welcome", error.Evidence, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-motd", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_protocol_version_is_refused()
    {
        var starting = _channel.StartAsync(CancellationToken.None);
        await _server.SendRawAsync([0, 0, 0, 5, 2, 0, 0, 0, 2]);

        await Assert.ThrowsAsync<SftpProtocolException>(() => starting);
    }

    [Fact]
    public async Task Limits_are_asked_for_and_kept_within_bounds()
    {
        var starting = _channel.StartAsync(CancellationToken.None);
        await _server.GreetAsync("limits@openssh.com");
        var request = await _server.ReceiveAsync();
        await _server.SendAsync(201, request.Id, [.. new byte[8], .. new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, .. new byte[7], 1, .. new byte[8]]);
        await starting;

        Assert.Equal(255 * 1024, _channel.Limits.MaxRead);
        Assert.Equal(4096, _channel.Limits.MaxWrite);
    }

    [Fact]
    public async Task Replies_find_their_requests_in_any_order()
    {
        await StartAsync();
        var first = _channel.Open("/first", SftpOpenFlags.Read);
        var second = _channel.Open("/second", SftpOpenFlags.Read);
        _channel.Flush();
        var firstSeen = await _server.ReceiveAsync();
        var secondSeen = await _server.ReceiveAsync();
        await _server.SendHandleAsync(secondSeen.Id, "two");
        await _server.SendHandleAsync(firstSeen.Id, "one");

        Assert.Equal("two"u8.ToArray(), (await second.TakeHandleAsync(CancellationToken.None)).Bytes.ToArray());
        Assert.Equal("one"u8.ToArray(), (await first.TakeHandleAsync(CancellationToken.None)).Bytes.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 101, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0x7F, 0, 0, 0, 101, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 101, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 9, 101, 0xDE, 0xAD, 0xBE, 0xEF, 0, 0, 0, 0 })]
    public async Task Impossible_packets_end_the_channel_and_every_request(byte[] packet)
    {
        await StartAsync();
        var first = _channel.Stat("/a");
        var second = _channel.Stat("/b");
        _channel.Flush();
        await _server.SendRawAsync(packet);

        await Assert.ThrowsAsync<SftpChannelException>(async () => await first.TakeAttributesAsync(CancellationToken.None));
        await Assert.ThrowsAsync<SftpChannelException>(async () => await second.TakeAttributesAsync(CancellationToken.None));
        Assert.IsType<SftpProtocolException>(await _channel.Ended);
        Assert.Throws<SftpChannelException>(() => _channel.Stat("/c"));
    }

    [Fact]
    public async Task More_data_than_asked_for_ends_the_channel()
    {
        await StartAsync();
        var read = _channel.Read(new SftpHandle([1]), 0, 10);
        _channel.Flush();
        await _server.SendDataAsync((await _server.ReceiveAsync()).Id, new byte[11]);

        await Assert.ThrowsAsync<SftpChannelException>(async () => await read.WaitAsync(CancellationToken.None));
        read.Release();
    }

    [Fact]
    public async Task The_end_of_the_stream_fails_every_request_with_the_explanation()
    {
        await StartAsync();
        var requests = Enumerable.Range(0, 50).Select(_ => _channel.Stat("/x").TakeAttributesAsync(CancellationToken.None).AsTask()).ToArray();
        _channel.Flush();
        await _server.ReceiveAsync();
        _server.Close();

        foreach (var request in requests)
        {
            var error = await Assert.ThrowsAsync<SftpChannelException>(() => request);
            Assert.Equal("the explanation", error.InnerException!.Message);
        }
    }

    [Fact]
    public async Task A_handle_that_arrives_after_its_caller_left_is_closed()
    {
        await StartAsync();
        using var leaving = new CancellationTokenSource();
        var open = _channel.Open("/slow", SftpOpenFlags.Read);
        _channel.Flush();
        var taking = open.TakeHandleAsync(leaving.Token).AsTask();
        var seen = await _server.ReceiveAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taking);
        await _server.SendHandleAsync(seen.Id, "orphan");

        var close = await _server.ReceiveAsync();
        Assert.Equal(4, close.Type);
        Assert.Equal("orphan", close.FirstString);
        await _server.SendStatusAsync(close.Id, 0);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_with_all_requests()
    {
        await RestartAsync(new SftpChannelOptions { OperationTimeout = TimeSpan.FromSeconds(1), StallTimeout = TimeSpan.FromMinutes(5) });
        var stat = _channel.Stat("/x");
        var read = _channel.Read(new SftpHandle([1]), 0, 10);
        _channel.Flush();

        var error = await Assert.ThrowsAsync<SftpChannelException>(async () => await stat.TakeAttributesAsync(CancellationToken.None));
        Assert.IsType<SftpTimeoutException>(error.InnerException);
        await Assert.ThrowsAsync<SftpChannelException>(async () => await read.WaitAsync(CancellationToken.None));
        read.Release();
    }

    [Fact]
    public async Task One_unanswered_request_times_out_alone_while_the_server_answers_others()
    {
        await RestartAsync(new SftpChannelOptions { OperationTimeout = TimeSpan.FromSeconds(3), StallTimeout = TimeSpan.FromMinutes(5) });
        var forgotten = _channel.Stat("/forgotten").TakeAttributesAsync(CancellationToken.None).AsTask();
        _channel.Flush();
        await _server.ReceiveAsync();
        while (!forgotten.IsCompleted)
        {
            var other = _channel.Stat("/other").TakeAttributesAsync(CancellationToken.None).AsTask();
            _channel.Flush();
            await _server.SendAttributesAsync((await _server.ReceiveAsync()).Id, 7);
            Assert.Equal(7, (await other).Length);
        }

        await Assert.ThrowsAsync<SftpTimeoutException>(() => forgotten);
        Assert.False(_channel.Ended.IsCompleted);
    }

    [Fact]
    public async Task Slots_are_reused_without_mixing_replies()
    {
        await StartAsync();
        for (var round = 0; round < 2000; round++)
        {
            var request = _channel.Stat("/x").TakeAttributesAsync(CancellationToken.None);
            _channel.Flush();
            var seen = await _server.ReceiveAsync();
            await _server.SendAttributesAsync(seen.Id, (ulong)round);
            Assert.Equal(round, (await request).Length);
        }

        Assert.Equal(0, _channel.Owed);
    }

    private SftpChannel NewChannel(SftpChannelOptions options) =>
        new(_server.Client, () => Task.FromResult<Exception>(new IOException("the explanation")), options, TimeProvider.System);

    private async Task RestartAsync(SftpChannelOptions options)
    {
        await _channel.DisposeAsync();
        await _server.DisposeAsync();
        _server = await ScriptedSftpServer.StartAsync();
        _channel = NewChannel(options);
        await StartAsync();
    }

    private async Task StartAsync()
    {
        var starting = _channel.StartAsync(CancellationToken.None);
        await _server.GreetAsync();
        await starting;
    }
}
