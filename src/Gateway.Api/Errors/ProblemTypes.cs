using Gateway.Broker.Backends;

namespace Gateway.Api.Errors;

/// <summary>The only table from errors to HTTP statuses and problem types.</summary>
internal static class ProblemTypes
{
    public static readonly ProblemType InvalidPath = new(
        "invalid-path", 400, "Invalid path", false,
        "The path has control characters, a NUL, a . or .. segment, an encoded slash, or is not percent-encoded UTF-8.",
        BackendError.InvalidPath);

    public static readonly ProblemType InvalidRequest = new(
        "invalid-request", 400, "Invalid request", false,
        "A query parameter, header or body is not what the operation takes; the detail names it.");

    public static readonly ProblemType Unauthorized = new(
        "unauthorized", 401, "Unauthorized", false, "The request carries no valid proof of who calls.");

    public static readonly ProblemType Forbidden = new(
        "forbidden", 403, "Forbidden", false, "The caller has no right to do this.");

    public static readonly ProblemType NotFound = new(
        "not-found", 404, "Not found", false, "The entry, a folder on the way to it, or the route does not exist.",
        BackendError.NotFound);

    public static readonly ProblemType BackendNotFound = new(
        "backend-not-found", 404, "No such backend", false, "No backend of that name is configured.",
        BackendError.BackendNotFound);

    public static readonly ProblemType MethodNotAllowed = new(
        "method-not-allowed", 405, "Method not allowed", false, "The resource has no such method; the header Allow lists those that it has.");

    public static readonly ProblemType NotAcceptable = new(
        "not-acceptable", 406, "Not acceptable", false, "The resource has no representation that the header Accept allows.");

    public static readonly ProblemType RequestTimeout = new(
        "request-timeout", 408, "The body stopped arriving", true, "The caller sent nothing for longer than the backend's Transfers:StallTimeout; the upload was abandoned.");

    public static readonly ProblemType PermissionDenied = new(
        "permission-denied", 403, "Permission denied by the server", false, "The server refused the account that the gateway uses.",
        BackendError.PermissionDenied);

    public static readonly ProblemType AlreadyExists = new(
        "already-exists", 409, "Already exists", false, "The target exists and must not be replaced.",
        BackendError.AlreadyExists);

    public static readonly ProblemType NotEmpty = new(
        "not-empty", 409, "Folder not empty", false, "A folder that holds something is removed only with recursive=true.",
        BackendError.NotEmpty);

    public static readonly ProblemType IsADirectory = new(
        "is-a-directory", 409, "Is a folder", false, "A file was needed and the entry is a folder.",
        BackendError.IsADirectory);

    public static readonly ProblemType NotADirectory = new(
        "not-a-directory", 409, "Not a folder", false, "A folder was needed and the entry, or a part of its path, is something else.",
        BackendError.NotADirectory);

    public static readonly ProblemType PreconditionFailed = new(
        "precondition-failed", 412, "Precondition failed", false, "If-Match, If-None-Match or If-Unmodified-Since does not hold: the entry is not what the caller knows.",
        BackendError.PreconditionFailed);

    public static readonly ProblemType ContentTooLarge = new(
        "content-too-large", 413, "Content too large", false, "The body is larger than the backend's Transfers:MaxUploadBytes, or than a request of this kind may be.");

    public static readonly ProblemType UnsupportedMediaType = new(
        "unsupported-media-type", 415, "Unsupported media type", false, "The body is of a type, or in an encoding, that the operation does not take.");

    public static readonly ProblemType RangeNotSatisfiable = new(
        "range-not-satisfiable", 416, "Range not satisfiable", false, "The range starts behind the end of the file; Content-Range tells its size.");

    public static readonly ProblemType DigestMismatch = new(
        "digest-mismatch", 422, "Digest mismatch", true, "The body is not the one that the digest was made of; nothing was changed.");

    public static readonly ProblemType ReadOnly = new(
        "read-only", 403, "Read-only backend", false, "The backend is configured as read-only.");

    public static readonly ProblemType TooManyRequests = new(
        "too-many-requests", 429, "Too many requests", true, "The caller asks for more than Limits allows one caller: requests a minute, or transfers at once.");

    public static readonly ProblemType InternalError = new(
        "internal-error", 500, "Internal error", false, "The gateway failed; its log has the details under the trace id.");

    public static readonly ProblemType NotSupported = new(
        "not-supported", 501, "Not supported by the server", false, "The server lacks what the operation needs.",
        BackendError.NotSupported);

    public static readonly ProblemType BackendProtocolError = new(
        "backend-protocol-error", 502, "The server broke its protocol", false, "The server answered something that the gateway cannot make sense of, or a failure that it does not explain.",
        BackendError.ProtocolError);

    public static readonly ProblemType BackendAuthenticationFailed = new(
        "backend-authentication-failed", 502, "The server refused the gateway's credentials", false, "An operator must correct the account, password or key of the backend.",
        BackendError.AuthenticationFailed);

    public static readonly ProblemType BackendHostKeyMismatch = new(
        "backend-host-key-mismatch", 502, "The server's host key is not the configured one", false, "The server was replaced, or somebody stands in between; an operator must compare the key with its owner.",
        BackendError.HostKeyMismatch);

    public static readonly ProblemType BackendCertificateInvalid = new(
        "backend-certificate-invalid", 502, "The server's certificate is not valid", false, "The chain, name, date or fingerprint of the server's certificate is wrong for the backend.",
        BackendError.CertificateInvalid);

    public static readonly ProblemType BackendUnreachable = new(
        "backend-unreachable", 502, "The server cannot be reached", true, "No connection could be made, or the one in use died.",
        BackendError.Unreachable, BackendError.ConnectionLost);

    public static readonly ProblemType PoolExhausted = new(
        "pool-exhausted", 503, "Too many requests for this backend", true, "No connection became free in time, or too many callers wait already.",
        BackendError.PoolExhausted);

    public static readonly ProblemType BackendCircuitOpen = new(
        "backend-circuit-open", 503, "The backend failed lately", true, "The backend is left alone until Retry-After; the detail says what was wrong.",
        BackendError.CircuitOpen);

    public static readonly ProblemType ShuttingDown = new(
        "shutting-down", 503, "Shutting down", true, "The gateway, or this backend's pool, is being stopped; another instance will answer.",
        BackendError.ShuttingDown);

    public static readonly ProblemType AuthorityUnreachable = new(
        "authority-unreachable", 503, "The authority cannot be asked", true, "The authority that signs bearer tokens (Identity:Jwt) did not tell its keys yet, so that no token can be judged.");

    public static readonly ProblemType BackendTimeout = new(
        "backend-timeout", 504, "The server did not answer in time", true, "The server was silent for longer than the configured time.",
        BackendError.Timeout);

    public static readonly ProblemType Overloaded = new(
        "overloaded", 503, "Too many transfers", true, "As many transfers are open as the gateway takes in all (Limits:MaxTransfers).");

    public static readonly ProblemType InsufficientStorage = new(
        "insufficient-storage", 507, "The server is full", false, "The server's disk is full or the account's quota is used up.",
        BackendError.InsufficientStorage);

    /// <summary>Every type, by status.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        InvalidPath, InvalidRequest, Unauthorized, Forbidden, PermissionDenied, ReadOnly, NotFound, BackendNotFound,
        MethodNotAllowed, NotAcceptable, RequestTimeout, AlreadyExists, NotEmpty, IsADirectory, NotADirectory, PreconditionFailed,
        ContentTooLarge, UnsupportedMediaType, RangeNotSatisfiable, DigestMismatch, TooManyRequests, InternalError, NotSupported,
        BackendProtocolError, BackendAuthenticationFailed, BackendHostKeyMismatch, BackendCertificateInvalid,
        BackendUnreachable, PoolExhausted, BackendCircuitOpen, ShuttingDown, Overloaded, AuthorityUnreachable, BackendTimeout, InsufficientStorage,
    ];

    private static readonly ProblemType?[] s_byError = IndexByError();

    /// <summary>The type that reports <paramref name="error"/>.</summary>
    public static ProblemType For(BackendError error) =>
        (int)error < s_byError.Length && s_byError[(int)error] is { } type ? type : InternalError;

    /// <summary>The type for a status that the framework chose by itself.</summary>
    public static ProblemType ForStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Unauthorized,
        StatusCodes.Status403Forbidden => Forbidden,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status406NotAcceptable => NotAcceptable,
        StatusCodes.Status408RequestTimeout => RequestTimeout,
        StatusCodes.Status413PayloadTooLarge => ContentTooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status429TooManyRequests => TooManyRequests,
        >= 400 and < 500 => InvalidRequest,
        _ => InternalError,
    };

    private static ProblemType?[] IndexByError()
    {
        var index = new ProblemType?[Enum.GetValues<BackendError>().Length];
        foreach (var type in All)
        {
            foreach (var error in type.Errors)
            {
                index[(int)error] = type;
            }
        }

        return index;
    }
}
