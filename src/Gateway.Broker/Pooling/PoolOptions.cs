namespace Gateway.Broker.Pooling;

/// <summary>The <c>Pool</c> section of a backend.</summary>
public sealed record PoolOptions
{
    /// <summary>Connections opened at start and kept open.</summary>
    public int MinConnections { get; init; } = 1;

    /// <summary>Most connections at once, opening ones included.</summary>
    public int MaxConnections { get; init; } = 8;

    /// <summary>Most leases that share one connection; 1 where the protocol cannot share.</summary>
    public int LeasesPerConnection { get; init; } = 128;

    /// <summary>Longest wait for a lease.</summary>
    public TimeSpan AcquireTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most callers waiting for a lease at once; further ones fail at once.</summary>
    public int MaxWaiting { get; init; } = 1024;

    /// <summary>How long a connection above the minimum may be idle.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a connection may live (less up to a tenth, at random); it ends when its last lease does.</summary>
    public TimeSpan MaxLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>An idle connection is probed when nothing was heard from it for this long.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time for opening one connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Most logins under way at once.</summary>
    public int MaxConcurrentHandshakes { get; init; } = 3;
}
