namespace Gateway.Broker.Pooling;

/// <summary>The life of a pool.</summary>
internal enum PoolPhase
{
    /// <summary>Leases are given.</summary>
    Running,

    /// <summary>A changed configuration put another pool in its place: callers look again, leases finish.</summary>
    Replaced,

    /// <summary>The gateway ends: callers are refused, leases finish.</summary>
    ShuttingDown,
}
