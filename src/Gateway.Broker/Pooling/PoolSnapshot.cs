using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>One pool at one moment. <c>Idle + Leased + Opening + Closing ≤ Max</c> always holds.</summary>
public sealed record PoolSnapshot
{
    /// <summary>The backend's name.</summary>
    public required string Backend { get; init; }

    /// <summary>Open connections without a lease.</summary>
    public required int Idle { get; init; }

    /// <summary>Connections with at least one lease.</summary>
    public required int Leased { get; init; }

    /// <summary>Leases in all, also those whose connection broke and whose holder has not noticed yet.</summary>
    public required int Leases { get; init; }

    /// <summary>Connections being opened.</summary>
    public required int Opening { get; init; }

    /// <summary>Connections being closed; they keep their place until they are gone.</summary>
    public int Closing { get; init; }

    /// <summary>Connections of pools that a changed configuration replaced, on top of the others; they close as their leases end.</summary>
    public int Former { get; init; }

    /// <summary>Callers waiting for a lease.</summary>
    public required int Waiting { get; init; }

    /// <summary>The configured maximum; after it was lowered, what is still there.</summary>
    public required int Max { get; init; }

    /// <summary>The breaker.</summary>
    public required CircuitState Circuit { get; init; }

    /// <summary>The last failure; null once a connection was opened after it.</summary>
    public PoolFailure? LastError { get; init; }

    /// <summary>Whether the first attempt to open a connection has ended, well or badly.</summary>
    public required bool FirstAttemptEnded { get; init; }

    /// <summary>Whether no more leases are given.</summary>
    public required bool Draining { get; init; }

    /// <summary>What the server can do; null until a first connection was open.</summary>
    public BackendCapabilities? Capabilities { get; init; }

    /// <summary>Age of the oldest lease; null where there is none. A leaked lease shows here.</summary>
    public TimeSpan? OldestLeaseAge { get; init; }
}
