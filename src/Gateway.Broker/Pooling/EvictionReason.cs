namespace Gateway.Broker.Pooling;

/// <summary>Why a connection left its pool.</summary>
internal enum EvictionReason
{
    /// <summary>It broke.</summary>
    Lost,

    /// <summary>It did not answer a probe.</summary>
    ProbeFailed,

    /// <summary>It was idle, and above the minimum, for longer than <see cref="PoolOptions.IdleTimeout"/>.</summary>
    Idle,

    /// <summary>It was older than <see cref="PoolOptions.MaxLifetime"/>.</summary>
    Lifetime,

    /// <summary>A changed configuration lowered the maximum.</summary>
    Surplus,

    /// <summary>The pool was drained.</summary>
    Drained,
}
