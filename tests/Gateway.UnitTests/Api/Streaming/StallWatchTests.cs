using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class StallWatchTests
{
    private readonly ManualTimeProvider _time = new();
    private int _cancelled;

    [Fact]
    public void A_wait_that_is_too_long_is_ended()
    {
        using var watch = Create();
        watch.Start();
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, _cancelled);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _cancelled);
        Assert.True(watch.HasStalled);
    }

    [Fact]
    public void A_timer_that_is_late_does_not_end_the_wait_that_began_meanwhile()
    {
        var time = new LateTimers();
        using var watch = new StallWatch(time, TimeSpan.FromSeconds(10), () => _cancelled++);
        watch.Start();
        time.Now += TimeSpan.FromSeconds(10);
        watch.Stop();
        watch.Start();

        time.Fire();
        Assert.Equal((0, false), (_cancelled, watch.HasFired));

        time.Now += TimeSpan.FromSeconds(10);
        time.Fire();
        watch.Stop();
        Assert.Equal((1, true), (_cancelled, watch.HasFired));
    }

    [Fact]
    public void Waits_are_not_added_up()
    {
        using var watch = Create();
        for (var i = 0; i < 5; i++)
        {
            watch.Start();
            _time.Advance(TimeSpan.FromSeconds(9));
            watch.Stop();
            _time.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.Equal(0, _cancelled);
        Assert.False(watch.HasStalled);
    }

    [Fact]
    public void Waits_are_added_up_until_enough_has_come()
    {
        using var watch = new StallWatch(_time, TimeSpan.FromSeconds(10), () => _cancelled++, leastRate: 100);
        var received = 0L;

        // As much as ten seconds owe, in time.
        for (var i = 0; i < 21; i++)
        {
            Wait(watch, TimeSpan.FromSeconds(3), received += 400);
        }

        Assert.Equal(0, _cancelled);

        // A byte now and then; what passes between two waits is not the caller's.
        for (var i = 0; i < 3; i++)
        {
            Wait(watch, TimeSpan.FromSeconds(3), ++received);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(0, _cancelled);
        watch.Start();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _cancelled);
        Assert.True(watch.HasStalled);
    }

    [Fact]
    public void Nothing_is_cancelled_after_the_end()
    {
        var broken = new TaskCompletionSource<BackendException>();
        var watch = Create();
        watch.WatchConnection(broken.Task);
        watch.Start();
        watch.Dispose();
        broken.SetResult(new BackendException(BackendError.ConnectionLost, "Lost."));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _cancelled);
        Assert.Equal(0, _time.ArmedTimers);
    }

    private void Wait(StallWatch watch, TimeSpan time, long received)
    {
        watch.Start();
        _time.Advance(time);
        watch.Stop(received);
    }

    private StallWatch Create() => new(_time, TimeSpan.FromSeconds(10), () => _cancelled++);

    /// <summary>Timers that fire when the test says so, whatever was changed about them meanwhile.</summary>
    private sealed class LateTimers : TimeProvider, ITimer
    {
        private TimerCallback? _callback;
        private object? _state;

        public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            return this;
        }

        public void Fire() => _callback!(_state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
