namespace Gateway.Testing.Fakes;

/// <summary>
/// Virtual time: it stands still until a test moves it. Timers (and so <c>Task.Delay</c>, <c>WaitAsync</c> and
/// <see cref="CancellationTokenSource"/> with this provider) fire inside <see cref="Advance"/>, on the caller's thread, in the
/// order of their due times, each seeing exactly its due time as the current time.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly DateTimeOffset _start;
    private TimeSpan _elapsed;
    private long _sequence;

    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <param name="start">The wall clock at the beginning.</param>
    public ManualTimeProvider(DateTimeOffset start) => _start = start.ToUniversalTime();

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How far time was moved in all.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
            {
                return _elapsed;
            }
        }
    }

    /// <summary>How long until the next timer fires; null where none is armed.</summary>
    public TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_lock)
            {
                return NextBefore(TimeSpan.MaxValue) is { Due: { } due } ? due - _elapsed : null;
            }
        }
    }

    /// <summary>Timers that are armed.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Elapsed.Ticks;

    /// <summary>Moves time forward and fires what becomes due on the way, timers armed by those callbacks included.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan target;
        lock (_lock)
        {
            target = _elapsed + by;
        }

        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }

        lock (_lock)
        {
            _elapsed = _elapsed > target ? _elapsed : target;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    internal void Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
            timer.Due = null;
            timer.Period = period > TimeSpan.Zero ? period : null;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.Due = _elapsed + dueTime;
                timer.Sequence = _sequence++;
                _timers.Add(timer);
            }
        }
    }

    private ManualTimer? TakeDue(TimeSpan target)
    {
        lock (_lock)
        {
            if (NextBefore(target) is not { Due: { } due } timer)
            {
                return null;
            }

            _elapsed = due > _elapsed ? due : _elapsed;
            if (timer.Period is { } period)
            {
                timer.Due = _elapsed + period;
                timer.Sequence = _sequence++;
            }
            else
            {
                timer.Due = null;
                _timers.Remove(timer);
            }

            return timer;
        }
    }

    private ManualTimer? NextBefore(TimeSpan target)
    {
        ManualTimer? next = null;
        foreach (var timer in _timers)
        {
            if (timer.Due <= target && (next is null || timer.Due < next.Due || (timer.Due == next.Due && timer.Sequence < next.Sequence)))
            {
                next = timer;
            }
        }

        return next;
    }
}
