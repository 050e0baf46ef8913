namespace Gateway.Broker.Pooling;

/// <summary>Wakes a pool when something is due (<see cref="ConnectionPool.Maintain"/>), and not before: an idle gateway is idle.</summary>
internal sealed class PoolMaintainer : IDisposable
{
    /// <summary>Timers cannot be set for years ahead; looking once a day costs nothing.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>A timer may fire a little early; then what is due in no time must not spin.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly PoolClock _clock;
    private readonly ITimer _timer;

    public PoolMaintainer(ConnectionPool pool, PoolClock clock)
    {
        _clock = clock;

        // The timer lives as long as the pool: it must not keep the context of the request that happened to start it.
        var isFlowing = !ExecutionContext.IsFlowSuppressed();
        if (isFlowing)
        {
            ExecutionContext.SuppressFlow();
        }

        _timer = clock.Provider.CreateTimer(
            static state => ((ConnectionPool)state!).Maintain(), pool, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (isFlowing)
        {
            ExecutionContext.RestoreFlow();
        }
    }

    /// <summary>Sets the one alarm; called under the pool's lock, so that the alarm always fits the books.</summary>
    /// <param name="due">When something is to do; null: nothing will be.</param>
    public void WakeAt(TimeSpan? due)
    {
        var delay = Timeout.InfiniteTimeSpan;
        if (due is not null)
        {
            delay = due.Value - _clock.Now;
            delay = delay < Shortest ? Shortest : delay > Longest ? Longest : delay;
        }

        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}
