using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>One backend as the broker needs it.</summary>
public sealed record BackendDefinition
{
    /// <summary>The name callers use.</summary>
    public required string Name { get; init; }

    /// <summary>The driver's protocol name.</summary>
    public required string Protocol { get; init; }

    /// <summary>The server's host, as configured; for spans.</summary>
    public string? Host { get; init; }

    /// <summary>The server's port; for spans.</summary>
    public int? Port { get; init; }

    /// <summary>
    /// Everything that makes two configurations different (host, port, user, credentials, options), as an opaque text that holds
    /// no secret: on reload, a backend whose identity is unchanged keeps its pool.
    /// </summary>
    public required string Identity { get; init; }

    /// <summary>Opens its connections.</summary>
    public required IBackendConnector Connector { get; init; }

    /// <summary>Most connections that one transfer may use at once; 1: never more than its own.</summary>
    public int ConnectionsPerTransfer { get; init; } = 1;

    /// <summary>Pool settings.</summary>
    public required PoolOptions Pool { get; init; }
}
