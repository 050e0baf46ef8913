namespace Gateway.Api.Streaming;

/// <summary>
/// Counts the bytes of one transfer while it runs: a download of 10 GiB must not be invisible for minutes. What a counter takes costs
/// more than a chunk's bookkeeping may, so bytes are gathered, and handed over every MiB or every second. For one thread at a time.
/// </summary>
internal sealed class TransferProgress
{
    private const long Step = 1024 * 1024;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly TransferMetrics _metrics;
    private readonly TimeProvider _time;
    private long _gathered;
    private long _handedOverAt;

    /// <param name="metrics">Take the bytes.</param>
    /// <param name="backend">The transfer's backend.</param>
    /// <param name="direction">Its direction.</param>
    /// <param name="time">The clock.</param>
    public TransferProgress(TransferMetrics metrics, string backend, string direction, TimeProvider time)
    {
        _metrics = metrics;
        _time = time;
        Backend = backend;
        Direction = direction;
        Begun = _handedOverAt = time.GetTimestamp();
    }

    /// <summary>The transfer's backend.</summary>
    public string Backend { get; }

    /// <summary>Its direction.</summary>
    public string Direction { get; }

    /// <summary>When the transfer began: a timestamp of the clock.</summary>
    public long Begun { get; }

    /// <summary>Bytes went through.</summary>
    public void Add(long bytes)
    {
        _gathered += bytes;
        if (_gathered >= Step || _time.GetElapsedTime(_handedOverAt) >= s_interval)
        {
            HandOver();
        }
    }

    /// <summary>Hands over what is left.</summary>
    public void HandOver()
    {
        if (_gathered > 0)
        {
            _metrics.Add(this, _gathered);
            _gathered = 0;
        }

        _handedOverAt = _time.GetTimestamp();
    }
}
