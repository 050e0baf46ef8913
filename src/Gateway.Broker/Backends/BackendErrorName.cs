namespace Gateway.Broker.Backends;

/// <summary>Names of failures in metrics and spans: the values of OpenTelemetry's <c>error.type</c>, of which there are few.</summary>
public static class BackendErrorName
{
    /// <summary>The enum's name as OpenTelemetry writes values: <c>connection_lost</c>.</summary>
    public static string Of(BackendError error) => error switch
    {
        BackendError.NotFound => "not_found",
        BackendError.PermissionDenied => "permission_denied",
        BackendError.AlreadyExists => "already_exists",
        BackendError.NotEmpty => "not_empty",
        BackendError.IsADirectory => "is_a_directory",
        BackendError.NotADirectory => "not_a_directory",
        BackendError.InvalidPath => "invalid_path",
        BackendError.InsufficientStorage => "insufficient_storage",
        BackendError.NotSupported => "not_supported",
        BackendError.PreconditionFailed => "precondition_failed",
        BackendError.ProtocolError => "protocol_error",
        BackendError.AuthenticationFailed => "authentication_failed",
        BackendError.HostKeyMismatch => "host_key_mismatch",
        BackendError.CertificateInvalid => "certificate_invalid",
        BackendError.Unreachable => "unreachable",
        BackendError.ConnectionLost => "connection_lost",
        BackendError.Timeout => "timeout",
        BackendError.PoolExhausted => "pool_exhausted",
        BackendError.CircuitOpen => "circuit_open",
        BackendError.ShuttingDown => "shutting_down",
        BackendError.BackendNotFound => "backend_not_found",

        // What OpenTelemetry says where there is no name.
        _ => "_OTHER",
    };
}
