using Gateway.Api.Configuration;
using Gateway.Api.Health;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Backends;

/// <summary>One backend, without anything secret: not even its host or account.</summary>
internal sealed record BackendDocument
{
    /// <summary>The name that callers use in URLs.</summary>
    public required string Name { get; init; }

    /// <summary>The protocol: <c>sftp</c> or <c>ftps</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Whether every write is refused.</summary>
    public required bool ReadOnly { get; init; }

    /// <summary>What the server can do; null until a first connection was open.</summary>
    public required CapabilitiesDocument? Capabilities { get; init; }

    /// <summary>Its connections at this moment.</summary>
    public required PoolDocument? Pool { get; init; }

    /// <summary>The circuit breaker: <c>closed</c>, <c>open</c> or <c>half-open</c>.</summary>
    public required string? Circuit { get; init; }

    /// <summary>The document of <paramref name="backend"/>.</summary>
    public static BackendDocument Of(ConfiguredBackend backend, PoolSnapshot? snapshot) => new()
    {
        Name = backend.Name,
        Protocol = backend.Protocol,
        ReadOnly = backend.ReadOnly,
        Capabilities = snapshot?.Capabilities is { } capabilities ? CapabilitiesDocument.Of(capabilities) : null,
        Pool = snapshot is null ? null : PoolDocument.Of(snapshot),
        Circuit = snapshot is null ? null : HealthWords.Of(snapshot.Circuit),
    };
}
