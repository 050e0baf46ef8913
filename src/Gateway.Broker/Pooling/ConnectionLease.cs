using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>The right to use a connection until disposed.</summary>
public sealed class ConnectionLease : IAsyncDisposable
{
    private readonly ConnectionPool _pool;
    private int _disposed;

    internal ConnectionLease(ConnectionPool pool, PooledConnection pooled, TimeSpan startedAt, bool isWarm)
    {
        _pool = pool;
        Pooled = pooled;
        StartedAt = startedAt;
        IsWarm = isWarm;
    }

    /// <summary>The connection.</summary>
    /// <exception cref="ObjectDisposedException">The lease has ended; the connection may be another's by now.</exception>
    public BackendConnection Connection
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            return Pooled.Connection;
        }
    }

    internal PooledConnection Pooled { get; }

    internal TimeSpan StartedAt { get; }

    /// <summary>
    /// Whether the connection was open before the caller asked: only such a connection can have died unnoticed, and only on
    /// such a one is a failed operation worth repeating.
    /// </summary>
    internal bool IsWarm { get; }

    /// <summary>Of an extra lease: fires when the pool wants it back. Null for all others.</summary>
    internal CancellationTokenSource? Recall { get; init; }

    /// <summary>The pool that gave it.</summary>
    internal ConnectionPool Pool => _pool;

    internal ConnectionLease? Older { get; set; }

    internal ConnectionLease? Newer { get; set; }

    /// <summary>Gives the connection back. Never throws; closing a broken connection happens elsewhere.</summary>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _pool.Release(this);
        }

        return default;
    }
}
