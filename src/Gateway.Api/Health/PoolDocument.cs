using Gateway.Broker.Pooling;

namespace Gateway.Api.Health;

/// <summary>A pool's connections at one moment.</summary>
internal sealed record PoolDocument
{
    /// <summary>Open connections without a lease.</summary>
    public required int Idle { get; init; }

    /// <summary>Connections with at least one lease.</summary>
    public required int Leased { get; init; }

    /// <summary>Leases in all.</summary>
    public required int Leases { get; init; }

    /// <summary>Connections being opened.</summary>
    public required int Opening { get; init; }

    /// <summary>Callers waiting for a lease.</summary>
    public required int Waiting { get; init; }

    /// <summary>The configured maximum of connections.</summary>
    public required int Max { get; init; }

    /// <summary>Age of the oldest lease in seconds; null where there is none. A long transfer holds one, and so does a leak.</summary>
    public required double? OldestLeaseSeconds { get; init; }

    /// <summary>The document of <paramref name="snapshot"/>.</summary>
    public static PoolDocument Of(PoolSnapshot snapshot) => new()
    {
        Idle = snapshot.Idle,
        Leased = snapshot.Leased,
        Leases = snapshot.Leases,
        Opening = snapshot.Opening,
        Waiting = snapshot.Waiting,
        Max = snapshot.Max,
        OldestLeaseSeconds = snapshot.OldestLeaseAge is { } age ? Math.Round(age.TotalSeconds, 1) : null,
    };
}
