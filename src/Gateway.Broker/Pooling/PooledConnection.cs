using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>A connection and what its pool knows of it. The pool's lock guards every settable member.</summary>
internal sealed class PooledConnection
{
    private const int MaxBriskLeases = 96;
    private const long MaxBriskBytes = 256 * 1024;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    public PooledConnection(long number, BackendConnection connection, TimeSpan openedAt, TimeSpan expiresAt)
    {
        Number = number;
        Connection = connection;
        OpenedAt = LastUsedAt = LastHeardAt = openedAt;
        ExpiresAt = expiresAt;
    }

    /// <summary>For logs: counts up in its pool.</summary>
    public long Number { get; }

    public BackendConnection Connection { get; }

    public TimeSpan OpenedAt { get; }

    /// <summary>When it becomes too old.</summary>
    public TimeSpan ExpiresAt { get; }

    /// <summary>Leases on it.</summary>
    public int Leases { get; set; }

    /// <summary>The one lease on it, if any, that a transfer took beside its first one, and gives back when it is asked to.</summary>
    public ConnectionLease? Extra { get; set; }

    /// <summary>Whether a probe is under way.</summary>
    public bool IsProbing { get; set; }

    /// <summary>Whether it is to be probed as soon as nobody uses it, whenever it was last heard.</summary>
    public bool IsProbeOwed { get; set; }

    /// <summary>A probe takes the place of a lease, so that an exclusive connection is never used beside it.</summary>
    public int Load => IsProbing ? Leases + 1 : Leases;

    /// <summary>When the last lease ended.</summary>
    public TimeSpan LastUsedAt { get; set; }

    /// <summary>
    /// Whether its leases end as quickly as others begin, and none of them moves much: one more costs nobody anything. Never true of a
    /// connection that cannot tell how much is in flight.
    /// </summary>
    public bool IsBrisk(TimeSpan now) =>
        Leases is > 0 and < MaxBriskLeases && now - LastUsedAt <= Moment && Connection.BytesInFlight is < MaxBriskBytes;

    /// <summary>When it last gave a sign of life.</summary>
    public TimeSpan LastHeardAt { get; set; }

    /// <summary>Whether it belongs to its pool; false from its eviction on.</summary>
    public bool IsInPool { get; set; }

    /// <summary>Why it takes no more leases and closes when its last one ends; null while it takes leases.</summary>
    public EvictionReason? Retiring { get; set; }

    /// <summary>Why it was evicted.</summary>
    public EvictionReason EvictedFor { get; set; }

    /// <summary>Links it into a <see cref="PoolWork"/>.</summary>
    public PooledConnection? NextInWork { get; set; }
}
