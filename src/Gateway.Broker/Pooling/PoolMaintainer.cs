namespace Gateway.Broker.Pooling;

/// <summary>Wakes a pool when something is due (<see cref="ConnectionPool.Maintain"/>), and not before: an idle gateway is idle.</summary>
internal sealed class PoolMaintainer : IDisposable
{
    /// <summary>Timers cannot be set for years ahead; looking once a day costs nothing.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly ConnectionPool _pool;
    private readonly PoolClock _clock;
    private readonly ITimer _timer;

    public PoolMaintainer(ConnectionPool pool, PoolClock clock)
    {
        _pool = pool;
        _clock = clock;

        // The timer lives as long as the pool: it must not keep the context of the request that happened to start it.
        var isFlowing = !ExecutionContext.IsFlowSuppressed();
        if (isFlowing)
        {
            ExecutionContext.SuppressFlow();
        }

        _timer = clock.Provider.CreateTimer(
            static state => ((PoolMaintainer)state!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (isFlowing)
        {
            ExecutionContext.RestoreFlow();
        }
    }

    /// <summary>Something changed what is due next.</summary>
    public void Reschedule()
    {
        // Reading and setting are one step: of two threads the one that read last must set last.
        lock (_lock)
        {
            var delay = Timeout.InfiniteTimeSpan;
            if (_pool.GetNextDue() is { } due)
            {
                delay = due - _clock.Now;
                delay = delay < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : delay > Longest ? Longest : delay;
            }

            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Wake()
    {
        _pool.Maintain();
        Reschedule();
    }
}
