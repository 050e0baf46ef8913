using System.Diagnostics.Metrics;

namespace Gateway.Api.Streaming;

/// <summary>
/// Counts the bytes of one transfer while it runs: a download of 10 GiB must not be invisible for minutes. What a counter takes costs
/// more than a chunk's bookkeeping may, so bytes are gathered, and handed over every MiB or every second. For one thread at a time.
/// </summary>
internal sealed class TransferProgress
{
    private const long Step = 1024 * 1024;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Counter<long> _counter;
    private readonly KeyValuePair<string, object?> _backend;
    private readonly KeyValuePair<string, object?> _direction;
    private readonly TimeProvider _time;
    private long _gathered;
    private long _handedOverAt;

    /// <param name="counter">Takes the bytes.</param>
    /// <param name="backend">A tag.</param>
    /// <param name="direction">A tag.</param>
    /// <param name="time">The clock.</param>
    public TransferProgress(
        Counter<long> counter, KeyValuePair<string, object?> backend, KeyValuePair<string, object?> direction, TimeProvider time)
    {
        _counter = counter;
        _backend = backend;
        _direction = direction;
        _time = time;
        Begun = _handedOverAt = time.GetTimestamp();
    }

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
            _counter.Add(_gathered, _backend, _direction);
            _gathered = 0;
        }

        _handedOverAt = _time.GetTimestamp();
    }
}
