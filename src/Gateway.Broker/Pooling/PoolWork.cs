using System.Diagnostics;

namespace Gateway.Broker.Pooling;

/// <summary>
/// What the ledger decided under the lock and the pool carries out after it. Linked through its members, so that the usual
/// acquire and release allocate nothing for it.
/// </summary>
internal struct PoolWork
{
    private Waiter? _lastEnded;

    /// <summary>Waiters taken out of the line, first come first.</summary>
    public Waiter? Ended { get; private set; }

    /// <summary>Connections to close.</summary>
    public PooledConnection? Closing { get; private set; }

    /// <summary>Connections to probe.</summary>
    public PooledConnection? Probing { get; private set; }

    /// <summary>Extra leases to ask back.</summary>
    public List<ConnectionLease>? Recalls { get; private set; }

    /// <summary>Connections to open; already counted as opening.</summary>
    public int Openings { get; set; }

    /// <summary>The span of the caller that the openings are for, where there is one.</summary>
    public ActivityContext OpeningFor { get; set; }

    /// <summary>Whether something may be due earlier than the maintainer thinks.</summary>
    public bool Reschedule { get; set; }

    /// <summary>Whether a replaced pool has given up places that its successor may take.</summary>
    public bool Vacated { get; set; }

    /// <summary>Whether the last connection of a drained pool is gone.</summary>
    public bool Drained { get; set; }

    public void End(Waiter waiter)
    {
        if (_lastEnded is null)
        {
            Ended = waiter;
        }
        else
        {
            _lastEnded.Next = waiter;
        }

        _lastEnded = waiter;
    }

    public void Close(PooledConnection connection)
    {
        connection.NextInWork = Closing;
        Closing = connection;
    }

    public void Recall(ConnectionLease lease) => (Recalls ??= []).Add(lease);

    public void Probe(PooledConnection connection)
    {
        connection.NextInWork = Probing;
        Probing = connection;
    }
}
