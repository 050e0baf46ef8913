using Gateway.Ftps.Protocol;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.UnitTests.Ftps.Protocol;

public sealed class FtpControlChannelTests : IAsyncLifetime
{
    private static readonly FtpCommand NoOp = new("NOOP");
    private static readonly FtpCommand Size = new("SIZE", "/f");
    private static readonly FtpCommand Retrieve = new("RETR", "/f");

    private readonly FakePeer _peer = new();
    private readonly ManualTimeProvider _time = new();
    private readonly FtpControlChannel _channel;

    public FtpControlChannelTests() => _channel = new FtpControlChannel(_peer, _time, "test", NullLogger.Instance);

    public Task InitializeAsync()
    {
        _channel.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _peer.DisposeAsync();
    }

    [Fact]
    public async Task A_command_gets_its_own_reply()
    {
        var asked = _channel.SendAsync(Size, default).AsTask();
        Assert.Equal("SIZE /f", await _peer.HearAsync());
        await _peer.SayAsync("213 5\r\n");
        Assert.Equal(213, (await asked).Code);
    }

    [Fact]
    public async Task A_transfer_has_a_first_and_a_final_reply()
    {
        var exchange = await _channel.BeginAsync(Retrieve, default);
        await _peer.SayAsync("150 here\r\n150 again\r\n");
        Assert.Equal(150, (await exchange.First).Code);
        Assert.False(exchange.Final.IsCompleted);
        await _peer.SayAsync("226 done\r\n");
        Assert.Equal(226, (await exchange.Final).Code);
    }

    [Fact]
    public async Task A_refused_transfer_has_one_reply_that_is_both()
    {
        var exchange = await _channel.BeginAsync(Retrieve, default);
        await _peer.SayAsync("550 no\r\n");
        Assert.Equal(550, (await exchange.First).Code);
        Assert.Equal(550, (await exchange.Final).Code);
    }

    /// <summary>A second reply to a NOOP, taken for the next command's, made empty listings elsewhere (FluentFTP #387).</summary>
    [Fact]
    public async Task A_reply_that_nobody_is_owed_ends_the_channel()
    {
        var asked = _channel.SendAsync(NoOp, default).AsTask();
        await _peer.HearAsync();
        await _peer.SayAsync("200 ok\r\n200 ok\r\n");
        await asked;
        Assert.Equal(FtpFailure.ConnectionLost, (await EndAsync()).Failure);
        await Assert.ThrowsAsync<FtpException>(() => _channel.SendAsync(Size, default).AsTask());
    }

    [Fact]
    public async Task A_421_ends_an_idle_channel_at_once()
    {
        await _peer.SayAsync("421 Timeout.\r\n");
        var reason = await EndAsync();
        Assert.Equal(FtpFailure.ConnectionLost, reason.Failure);
        Assert.Equal(421, reason.Reply!.Code);
    }

    [Fact]
    public async Task The_peers_end_fails_every_command_under_way()
    {
        var exchange = await _channel.BeginAsync(Retrieve, default);
        await _peer.SayAsync("150 here\r\n");
        await exchange.First;
        _peer.HangUp();
        var failure = await Assert.ThrowsAsync<FtpException>(() => exchange.Final);
        Assert.Equal(FtpFailure.ConnectionLost, failure.Failure);
        Assert.Same(exchange.Failure, await EndAsync());
    }

    [Fact]
    public async Task What_is_no_reply_ends_the_channel()
    {
        var asked = _channel.SendAsync(NoOp, default).AsTask();
        await _peer.SayAsync("what?\r\n");
        Assert.Equal(FtpFailure.Protocol, (await Assert.ThrowsAsync<FtpException>(() => asked)).Failure);
    }

    [Fact]
    public async Task Preliminary_replies_without_end_end_the_channel()
    {
        var exchange = await _channel.BeginAsync(Retrieve, default);
        await _peer.SayAsync(string.Concat(Enumerable.Repeat("150 wait\r\n", 17)));
        Assert.Equal(FtpFailure.Protocol, (await EndAsync()).Failure);
        await Assert.ThrowsAsync<FtpException>(() => exchange.Final);
    }

    [Fact]
    public async Task A_cancelled_commands_reply_is_not_taken_for_the_next_ones()
    {
        using var cancel = new CancellationTokenSource();
        var cancelled = _channel.SendAsync(NoOp, cancel.Token).AsTask();
        Assert.Equal("NOOP", await _peer.HearAsync());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        var next = _channel.SendAsync(Size, default).AsTask();
        await _peer.SayAsync("200 late\r\n");
        Assert.Equal("SIZE /f", await _peer.HearAsync());
        await _peer.SayAsync("213 5\r\n");
        Assert.Equal(213, (await next).Code);
    }

    [Fact]
    public async Task A_reply_still_owed_after_two_seconds_ends_the_channel()
    {
        using var cancel = new CancellationTokenSource();
        var cancelled = _channel.SendAsync(NoOp, cancel.Token).AsTask();
        await _peer.HearAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        var next = _channel.SendAsync(Size, default).AsTask();
        await Eventually.HoldsAsync(() => _time.ArmedTimers == 1);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(FtpFailure.ConnectionLost, (await Assert.ThrowsAsync<FtpException>(() => next)).Failure);
    }

    [Fact]
    public async Task A_command_cancelled_before_it_is_sent_is_not_sent()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _channel.SendAsync(NoOp, new CancellationToken(canceled: true)).AsTask());
        var next = _channel.SendAsync(Size, default).AsTask();
        Assert.Equal("SIZE /f", await _peer.HearAsync());
        await _peer.SayAsync("213 5\r\n");
        await next;
    }

    [Fact]
    public async Task An_interruption_goes_out_while_a_reply_is_owed_and_both_replies_are_counted()
    {
        var exchange = await _channel.BeginAsync(Retrieve, default);
        await _peer.SayAsync("150 here\r\n");
        await exchange.First;
        await _channel.InterruptAsync(new FtpCommand("ABOR"), default);
        Assert.Equal("RETR /f", await _peer.HearAsync());
        Assert.Equal("ABOR", await _peer.HearAsync());

        var next = _channel.SendAsync(Size, default).AsTask();
        await _peer.SayAsync("426 aborted\r\n226 done\r\n");
        Assert.Equal("SIZE /f", await _peer.HearAsync());
        await _peer.SayAsync("213 5\r\n");
        Assert.Equal(213, (await next).Code);
    }

    [Fact]
    public async Task The_first_reason_counts()
    {
        _channel.End(new FtpException(FtpFailure.Timeout, "first"));
        _channel.End(new FtpException(FtpFailure.Protocol, "second"));
        Assert.Equal("first", (await EndAsync()).Message);
    }

    private Task<FtpException> EndAsync() => _channel.Ended.WaitAsync(TimeSpan.FromSeconds(20));
}
