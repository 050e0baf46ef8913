namespace Gateway.Ftps.Protocol;

/// <summary>
/// The stall timeout of a transfer: it runs only while we wait for the server, and starts anew with every byte that moves. A slow reader or
/// writer on our side is never the server's fault. Nor may a server hold a transfer up for ever with a byte now and then: each KiB has to
/// move within four limits of waiting.
/// </summary>
internal sealed class StallWatch : IDisposable
{
    private const int MinProgress = 1024;
    private const int MaxLimits = 4;

    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stalled;
    private CancellationTokenSource? _both;
    private CancellationToken _caller;
    private bool _isRunning;
    private TimeSpan _patience;
    private long _moved;
    private long _since;

    public StallWatch(TimeSpan limit, TimeProvider time)
    {
        _limit = limit;
        _time = time;
        _patience = MaxLimits * limit;
        _stalled = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Whether the limit was reached.</summary>
    public bool HasStalled => _stalled.IsCancellationRequested;

    /// <summary>Starts waiting for the server.</summary>
    /// <returns>A token that fires when the caller leaves or the server stalls.</returns>
    public CancellationToken Begin(CancellationToken caller)
    {
        _isRunning = true;
        _since = _time.GetTimestamp();
        StartLimit();
        if (!caller.CanBeCanceled)
        {
            return _stalled.Token;
        }

        // One caller reads many times with one token.
        if (_both is null || caller != _caller)
        {
            _both?.Dispose();
            _both = CancellationTokenSource.CreateLinkedTokenSource(caller, _stalled.Token);
            _caller = caller;
        }

        return _both.Token;
    }

    /// <summary>Bytes moved.</summary>
    public void Progress(int bytes)
    {
        _moved += bytes;
        if (_moved >= MinProgress)
        {
            _moved = 0;
            _patience = MaxLimits * _limit;
            _since = _time.GetTimestamp();
        }

        if (_isRunning)
        {
            LosePatience();
            StartLimit();
        }
    }

    /// <summary>Stops waiting.</summary>
    public void End()
    {
        if (_isRunning)
        {
            LosePatience();
        }

        _isRunning = false;
        _stalled.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>The failure to report when the limit was reached.</summary>
    public FtpException Explain(Exception? cause = null) =>
        new(FtpFailure.Timeout, $"No byte, or next to nothing, moved for {_limit.TotalSeconds:0.#} s. Raise Transfers:StallTimeout if the server is only slow.", cause);

    private void StartLimit() => _stalled.CancelAfter(_patience < _limit ? _patience : _limit);

    private void LosePatience()
    {
        var now = _time.GetTimestamp();
        var left = _patience - _time.GetElapsedTime(_since, now);
        _patience = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        _since = now;
    }

    public void Dispose()
    {
        _both?.Dispose();
        _stalled.Dispose();
    }
}
