using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Configuration;
using Gateway.Api.Limits;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Files;

/// <summary>One body that is to become one file.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Path">The file.</param>
/// <param name="Options">How what is there is treated, and what the file gets.</param>
internal sealed record FileUpload(ConfiguredBackend Backend, RemotePath Path, WriteOptions Options)
{
    /// <summary>The caller's access to the path: asked again before the file gets its name.</summary>
    public required PathAccess Access { get; init; }

    /// <summary>Whether folders that are missing on the way are created. They stay, also where the upload fails: others may use them by then.</summary>
    public bool CreatesParents { get; init; }

    /// <summary>Largest file that the caller's link allows, in bytes; null for the backend's limit alone.</summary>
    public long? LinkLimit { get; init; }

    /// <summary>Largest file, in bytes; null for no limit.</summary>
    public long? MaxBytes => LinkLimit < (Backend.MaxUploadBytes ?? long.MaxValue) ? LinkLimit : Backend.MaxUploadBytes;

    /// <summary>Takes how the copying ended; null while there is no audit.</summary>
    public AuditEntry? Audit { get; init; }

    /// <summary>Digests to compute and compare; null for none. Owned by the caller.</summary>
    public BodyDigests? Digests { get; init; }

    /// <summary>How fast it may go; null where nothing is limited.</summary>
    public TransferPace? Pace { get; init; }
}
