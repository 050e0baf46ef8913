namespace Gateway.Broker.Backends;

/// <summary>
/// What went wrong, in the gateway's own words. Drivers translate a server's answer into one of these; the HTTP layer
/// translates it once more, in one table, into a status and a problem type.
/// </summary>
public enum BackendError
{
    /// <summary>The entry, or a folder on the way to it, does not exist.</summary>
    NotFound,

    /// <summary>The server refused the account.</summary>
    PermissionDenied,

    /// <summary>The target exists and must not be replaced.</summary>
    AlreadyExists,

    /// <summary>A folder that is not empty cannot be removed.</summary>
    NotEmpty,

    /// <summary>A file was needed and the entry is a folder.</summary>
    IsADirectory,

    /// <summary>A folder was needed and the entry, or a part of its path, is something else.</summary>
    NotADirectory,

    /// <summary>The path cannot be used on this backend: a name the protocol cannot carry, or one that leaves the root.</summary>
    InvalidPath,

    /// <summary>Disk full or quota exceeded on the server.</summary>
    InsufficientStorage,

    /// <summary>The server lacks the operation.</summary>
    NotSupported,

    /// <summary>What the caller knew of the entry no longer holds (it changed, appeared or vanished meanwhile).</summary>
    PreconditionFailed,

    /// <summary>The server broke the protocol, or answered with a failure it does not explain.</summary>
    ProtocolError,

    /// <summary>The server refused the credentials.</summary>
    AuthenticationFailed,

    /// <summary>The server's SSH host key is unknown, revoked, or not the one configured.</summary>
    HostKeyMismatch,

    /// <summary>The server's TLS certificate is not valid for this backend.</summary>
    CertificateInvalid,

    /// <summary>No connection could be made: name not resolved, refused, unreachable, no SSH or FTP there.</summary>
    Unreachable,

    /// <summary>An established connection died. Reported like <see cref="Unreachable"/>; a fresh connection may well work.</summary>
    ConnectionLost,

    /// <summary>The server did not answer within the configured time.</summary>
    Timeout,

    /// <summary>No connection became free within <c>Pool:AcquireTimeout</c>, or the waiting line is full.</summary>
    PoolExhausted,

    /// <summary>The circuit breaker is open: the backend failed lately and is not tried again yet.</summary>
    CircuitOpen,

    /// <summary>The gateway, or this backend's pool, is draining.</summary>
    ShuttingDown,

    /// <summary>No backend of that name is configured, or it was removed while its caller waited.</summary>
    BackendNotFound,
}
