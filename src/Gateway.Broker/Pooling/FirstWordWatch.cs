using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>
/// Breaks a connection that was silent for a while and stays silent under the operation that uses it now: a firewall may have
/// forgotten it without a word. The operation then fails as on any dead connection, and is repeated on another, instead of
/// waiting for the whole of its own deadline.
/// </summary>
internal sealed class FirstWordWatch : IDisposable
{
    /// <summary>Longest wait for the first word. Unlike a probe an operation may take its time at the server, and is then done twice.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    private readonly string _backend;
    private readonly BackendConnection _connection;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _start;

    /// <param name="backend">Its backend's name.</param>
    /// <param name="connection">The connection; an operation on it begins now.</param>
    /// <param name="time">The clock.</param>
    public FirstWordWatch(string backend, BackendConnection connection, TimeProvider time)
    {
        _backend = backend;
        _connection = connection;
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((FirstWordWatch)state!).Look(), this, Limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the server has not said a word since the operation began.</summary>
    public bool HeardNothing => _connection.Silence >= _time.GetElapsedTime(_start);

    /// <summary>The operation has ended.</summary>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (_connection.Silence >= Limit)
        {
            _connection.Break(new BackendException(
                BackendError.ConnectionLost,
                $"A connection to '{_backend}' that had been silent did not answer within {Limit.TotalSeconds:0} s and was dropped."));
        }
    }
}
