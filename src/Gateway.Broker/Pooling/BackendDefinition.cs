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

    /// <summary>Most connections that one transfer may use at once; 1: never another than the one it began on.</summary>
    public int ConnectionsPerTransfer { get; init; } = 1;

    /// <summary>
    /// Connections that large downloads gather on where processors are what limits them: one for each processor of this machine, and one that
    /// runs while another waits for the server.
    /// </summary>
    public int GatheredConnections { get; init; } = Environment.ProcessorCount + 1;

    /// <summary>Pool settings.</summary>
    public required PoolOptions Pool { get; init; }
}
