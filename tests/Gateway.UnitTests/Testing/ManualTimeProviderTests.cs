using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Testing;

public class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Timers_fire_in_the_order_of_their_due_times_and_see_them_as_now()
    {
        var fired = new List<(string, TimeSpan)>();
        using var late = _time.CreateTimer(_ => fired.Add(("late", _time.Elapsed)), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using var early = _time.CreateTimer(_ => fired.Add(("early", _time.Elapsed)), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal([("early", TimeSpan.FromSeconds(1)), ("late", TimeSpan.FromSeconds(2))], fired);
        Assert.Equal(TimeSpan.FromSeconds(3), _time.Elapsed);
    }

    [Fact]
    public void A_periodic_timer_fires_once_a_period_until_disposed()
    {
        var count = 0;
        var timer = _time.CreateTimer(_ => count++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(3));
        timer.Dispose();
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(3, count);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public void A_timer_armed_by_a_callback_fires_in_the_same_advance_if_it_is_due()
    {
        var fired = TimeSpan.Zero;
        ITimer? second = null;
        using var first = _time.CreateTimer(
            _ => second = _time.CreateTimer(_ => fired = _time.Elapsed, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan),
            null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(TimeSpan.FromSeconds(2), fired);
        second!.Dispose();
    }

    [Fact]
    public async Task Delays_and_deadlines_of_the_framework_run_on_it()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(10), _time);
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(20), _time);

        _time.Advance(TimeSpan.FromSeconds(10));
        await delay;
        Assert.False(source.IsCancellationRequested);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(source.IsCancellationRequested);
    }
}
