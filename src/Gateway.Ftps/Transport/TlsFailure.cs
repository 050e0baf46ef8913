namespace Gateway.Ftps.Transport;

/// <summary>Why a TLS handshake failed.</summary>
internal enum TlsFailure
{
    /// <summary>The peer's certificate is not acceptable.</summary>
    Certificate,

    /// <summary>The peer does not speak TLS, or has no version or cipher in common with us, or wants a client certificate.</summary>
    Handshake,

    /// <summary>The connection ended during the handshake.</summary>
    ConnectionLost,
}
