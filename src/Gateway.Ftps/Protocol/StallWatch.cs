namespace Gateway.Ftps.Protocol;

/// <summary>
/// The stall timeout of a transfer: it runs only while we wait for the server, and starts anew with every byte that moves. A slow reader or
/// writer on our side is never the server's fault.
/// </summary>
internal sealed class StallWatch : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _stalled;
    private CancellationTokenSource? _both;
    private CancellationToken _caller;
    private bool _isRunning;

    public StallWatch(TimeSpan limit, TimeProvider time)
    {
        _limit = limit;
        _stalled = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Whether the limit was reached.</summary>
    public bool HasStalled => _stalled.IsCancellationRequested;

    /// <summary>Starts waiting for the server.</summary>
    /// <returns>A token that fires when the caller leaves or the server stalls.</returns>
    public CancellationToken Begin(CancellationToken caller)
    {
        _isRunning = true;
        _stalled.CancelAfter(_limit);
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

    /// <summary>A byte moved.</summary>
    public void Progress()
    {
        if (_isRunning)
        {
            _stalled.CancelAfter(_limit);
        }
    }

    /// <summary>Stops waiting.</summary>
    public void End()
    {
        _isRunning = false;
        _stalled.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>The failure to report when the limit was reached.</summary>
    public FtpException Explain(Exception? cause = null) =>
        new(FtpFailure.Timeout, $"No byte moved for {_limit.TotalSeconds:0.#} s. Raise Transfers:StallTimeout if the server is only slow.", cause);

    public void Dispose()
    {
        _both?.Dispose();
        _stalled.Dispose();
    }
}
