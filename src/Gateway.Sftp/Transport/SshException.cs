namespace Gateway.Sftp.Transport;

/// <summary>ssh could not be started, or gave up.</summary>
internal sealed class SshException : Exception
{
    public SshException(SshFailure failure, Exception? innerException = null)
        : base(failure.Message, innerException) => Failure = failure;

    /// <summary>Why.</summary>
    public SshFailure Failure { get; }
}
