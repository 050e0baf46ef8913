using Gateway.Broker.Pooling;

namespace Gateway.Api.Configuration;

/// <summary>One backend, valid and ready for use.</summary>
internal sealed record ConfiguredBackend
{
    /// <summary>What the broker needs of it.</summary>
    public required BackendDefinition Definition { get; init; }

    /// <summary>Whether every write is refused.</summary>
    public required bool ReadOnly { get; init; }

    /// <summary>Longest time without progress on the caller's side of a transfer.</summary>
    public required TimeSpan StallTimeout { get; init; }

    /// <summary>Largest upload in bytes; null for no limit.</summary>
    public required long? MaxUploadBytes { get; init; }

    /// <summary>How long a listing may be answered from memory; zero for never.</summary>
    public required TimeSpan CacheDuration { get; init; }

    /// <summary>The name that callers use.</summary>
    public string Name => Definition.Name;

    /// <summary>The driver's protocol name.</summary>
    public string Protocol => Definition.Protocol;
}
