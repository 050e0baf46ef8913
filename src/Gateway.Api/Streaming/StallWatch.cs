using Gateway.Broker.Backends;

namespace Gateway.Api.Streaming;

/// <summary>
/// Ends a wait for the caller that takes too long, or that has lost its purpose because the backend's connection died. One watch
/// serves a whole transfer; its timer is only made when the caller has to be waited for at all.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="timeout">The longest wait.</param>
/// <param name="cancelWait">Ends the wait that is under way: <c>CancelPendingRead</c>, or an abort.</param>
/// <param name="leastRate">Bytes a second without which waits are added up: a byte now and then is a stall, too. 0: any progress will do.</param>
internal sealed class StallWatch(TimeProvider time, TimeSpan timeout, Action cancelWait, int leastRate = 0) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly long _leastBytes = (long)(leastRate * timeout.TotalSeconds);
    private CancellationTokenSource? _stopWatchingConnection;
    private ITimer? _timer;
    private TimeSpan _waited;
    private long _received;
    private long _started;
    private bool _ended;
    private volatile bool _hasFired;

    /// <summary>
    /// Whether the wait that was not stopped was too long. The timer may fire while a wait ends by itself, and then cancels the
    /// next one, which did not stall. It may also fire a little early.
    /// </summary>
    public bool HasStalled => Volatile.Read(ref _started) is var started and not 0 && _waited + time.GetElapsedTime(started) >= timeout * 0.9;

    /// <summary>
    /// Whether a wait was ended because it was too long, even if it ended by itself in the same instant: what cannot be taken back, an
    /// abort, had this reason whatever came after it.
    /// </summary>
    public bool HasFired => _hasFired;

    /// <summary>A wait begins.</summary>
    public void Start()
    {
        Volatile.Write(ref _started, Math.Max(1, time.GetTimestamp()));
        var left = _waited < timeout ? timeout - _waited : TimeSpan.Zero;
        if (_timer is null)
        {
            _timer = time.CreateTimer(static state => ((StallWatch)state!).Fire(), this, left, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(left, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The wait ended by itself.</summary>
    public void Stop()
    {
        Volatile.Write(ref _started, 0);
        _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The wait, if there was one, ended by itself. Waits count together until enough has come for the time of one.</summary>
    /// <param name="received">Bytes that have come so far, in all.</param>
    public void Stop(long received)
    {
        if (Volatile.Read(ref _started) is var started and not 0)
        {
            _waited += time.GetElapsedTime(started);
        }

        if (received - _received >= _leastBytes)
        {
            (_received, _waited) = (received, TimeSpan.Zero);
        }

        Stop();
    }

    /// <summary>Ends the wait, too, when a connection breaks.</summary>
    public void WatchConnection(Task<BackendException> broken)
    {
        // Cancelled at the end, or the connection would collect a continuation for every transfer of its life.
        _stopWatchingConnection = new CancellationTokenSource();
        _ = broken.ContinueWith(
            static (_, state) => ((StallWatch)state!).Cancel(), this, _stopWatchingConnection.Token, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
        }

        _timer?.Dispose();
        _stopWatchingConnection?.Cancel();
        _stopWatchingConnection?.Dispose();
    }

    private void Fire()
    {
        // The wait that it was set for may have ended while this was on its way, and another begun, which has its own time.
        if (HasStalled)
        {
            _hasFired = true;
            Cancel();
        }
    }

    private void Cancel()
    {
        // The pipe belongs to the connection and serves its next request, too: never cancel after the end. Under the lock,
        // because nothing else keeps the end from coming in between. What waited may go on, and even end, here on this thread, which may
        // take the lock once more.
        lock (_lock)
        {
            if (!_ended)
            {
                cancelWait();
            }
        }
    }
}
