namespace Gateway.Broker.Backends;

/// <summary>Opens connections of one backend.</summary>
public interface IBackendConnector
{
    /// <summary>
    /// Whether one connection can serve several leases at once (SFTP: yes; FTPS: no, its control channel carries one
    /// transfer at a time).
    /// </summary>
    bool IsShareable { get; }

    /// <summary>
    /// Opens one connection: connected, peer verified, authenticated, root folder checked, ready for a request.
    /// Ends within <see cref="BackendSettings.ConnectTimeout"/>, and leaves nothing behind when it fails.
    /// </summary>
    /// <exception cref="BackendException">
    /// <see cref="BackendError.Unreachable"/>, <see cref="BackendError.Timeout"/>, <see cref="BackendError.AuthenticationFailed"/>,
    /// <see cref="BackendError.HostKeyMismatch"/>, <see cref="BackendError.CertificateInvalid"/> or
    /// <see cref="BackendError.ProtocolError"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller's token, never the connect timeout.</exception>
    Task<BackendConnection> OpenAsync(CancellationToken cancellationToken);
}
