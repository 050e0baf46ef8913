using Gateway.Api.Errors;

namespace Gateway.Api.OpenApi;

/// <summary>Problems that many operations share.</summary>
internal static class CommonProblems
{
    /// <summary>What every operation under <c>/v1/backends/{backend}</c> can end with before the backend is asked.</summary>
    public static IReadOnlyList<ProblemType> Request { get; } =
        [ProblemTypes.InvalidPath, ProblemTypes.InvalidRequest, ProblemTypes.BackendNotFound, ProblemTypes.TooManyRequests, ProblemTypes.ShuttingDown, ProblemTypes.InternalError];

    /// <summary>What every operation that asks a backend can end with.</summary>
    public static IReadOnlyList<ProblemType> Backend { get; } =
    [
        .. Request, ProblemTypes.NotFound, ProblemTypes.PermissionDenied, ProblemTypes.NotSupported, ProblemTypes.BackendProtocolError,
        ProblemTypes.BackendAuthenticationFailed, ProblemTypes.BackendHostKeyMismatch, ProblemTypes.BackendCertificateInvalid,
        ProblemTypes.BackendUnreachable, ProblemTypes.PoolExhausted, ProblemTypes.BackendCircuitOpen, ProblemTypes.BackendTimeout,
    ];

    /// <summary>What every operation that changes something can end with.</summary>
    public static IReadOnlyList<ProblemType> Write { get; } =
        [.. Backend, ProblemTypes.ReadOnly, ProblemTypes.InsufficientStorage, ProblemTypes.NotADirectory];
}
