using Gateway.Api.Limits;
using Gateway.Broker.Backends;

namespace Gateway.Api.Streaming;

/// <summary>What an upload is held to.</summary>
/// <param name="StallTimeout">The longest wait for the caller.</param>
/// <param name="MaxBytes">The largest body; null for no limit.</param>
/// <param name="Broken">Ends when the backend's connection dies.</param>
internal readonly record struct UploadCopyOptions(TimeSpan StallTimeout, long? MaxBytes, Task<BackendException> Broken)
{
    /// <summary>What to compute of the bytes; null for nothing.</summary>
    public BodyDigests? Digests { get; init; }

    /// <summary>How fast it may go; null where nothing is limited.</summary>
    public TransferPace? Pace { get; init; }
}
