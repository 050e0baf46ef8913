namespace Gateway.Broker.Pooling;

/// <summary>
/// The connections of one backend over all its pools: while a changed configuration takes hold there are several, and the
/// server counts them together.
/// </summary>
internal sealed class ConnectionTally
{
    private int _count;
    private volatile ConnectionPool? _current;

    /// <summary>Connections that are opening, open or closing.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The pool that serves; it may open more when a former one has closed some.</summary>
    public ConnectionPool? Current
    {
        get => _current;
        set => _current = value;
    }

    public void Add(int change) => Interlocked.Add(ref _count, change);
}
