using Gateway.Ftps.Protocol;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Ftps.Protocol;

public sealed class StallWatchTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Almost = Limit - TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void It_fires_when_nothing_moves_for_the_limit()
    {
        using var watch = new StallWatch(Limit, _time);
        var token = watch.Begin(default);
        _time.Advance(Almost);
        Assert.False(token.IsCancellationRequested);
        _time.Advance(Limit - Almost);
        Assert.True(token.IsCancellationRequested);
        Assert.True(watch.HasStalled);
        Assert.Equal(FtpFailure.Timeout, watch.Explain().Failure);
    }

    [Fact]
    public void Every_byte_starts_it_anew()
    {
        using var watch = new StallWatch(Limit, _time);
        var token = watch.Begin(default);
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(Almost);
            watch.Progress(1024);
        }

        Assert.False(token.IsCancellationRequested);
    }

    [Fact]
    public void A_byte_now_and_then_is_not_enough()
    {
        using var watch = new StallWatch(Limit, _time);
        for (var waited = TimeSpan.Zero; waited < Limit * 5; waited += Almost)
        {
            var token = watch.Begin(default);
            _time.Advance(Almost);
            watch.Progress(1);
            Assert.Equal(waited + Almost >= Limit * 4, token.IsCancellationRequested);
            watch.End();
            if (token.IsCancellationRequested)
            {
                return;
            }
        }

        Assert.Fail("It never fired.");
    }

    [Fact]
    public void It_does_not_run_while_the_caller_takes_its_time()
    {
        using var watch = new StallWatch(Limit, _time);
        watch.Begin(default);
        watch.End();
        _time.Advance(Limit * 10);
        watch.Progress(1);
        _time.Advance(Limit * 10);
        Assert.False(watch.Begin(default).IsCancellationRequested);
    }

    [Fact]
    public async Task The_caller_may_leave_with_any_of_its_tokens()
    {
        using var watch = new StallWatch(Limit, _time);
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        Assert.Equal(watch.Begin(first.Token), watch.Begin(first.Token));
        var token = watch.Begin(second.Token);
        await first.CancelAsync();
        Assert.False(token.IsCancellationRequested);
        await second.CancelAsync();
        Assert.True(token.IsCancellationRequested);
        Assert.False(watch.HasStalled);
    }
}
