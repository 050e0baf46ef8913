namespace Gateway.Ftps.Transport;

/// <summary>A TLS handshake failed. The message is a sentence for operators.</summary>
internal sealed class TlsException(TlsFailure failure, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public TlsFailure Failure => failure;
}
