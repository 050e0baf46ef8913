using Gateway.Broker.Backends;
using Gateway.Sftp.Transport;

namespace Gateway.Sftp;

/// <summary>The one table from what ssh reports to the broker's errors.</summary>
internal static class SshErrors
{
    public static BackendException Translate(SshException error) =>
        new(ErrorOf(error.Failure.Kind), error.Failure.Message, error) { Diagnostic = error.Failure.Diagnostic };

    private static BackendError ErrorOf(SshFailureKind kind) => kind switch
    {
        SshFailureKind.AuthenticationRefused
            or SshFailureKind.TooManyAuthenticationFailures
            or SshFailureKind.UnexpectedQuestion
            or SshFailureKind.PasswordExpired
            or SshFailureKind.AccountExpired
            or SshFailureKind.KeyFileMissing
            or SshFailureKind.KeyFileTooOpen
            or SshFailureKind.KeyFileInvalid
            or SshFailureKind.PassphraseWrong => BackendError.AuthenticationFailed,
        SshFailureKind.HostKeyUnknown
            or SshFailureKind.HostKeyChanged
            or SshFailureKind.HostKeyRevoked
            or SshFailureKind.HostKeyCheckFailed => BackendError.HostKeyMismatch,
        SshFailureKind.ConnectTimeout
            or SshFailureKind.GreetingTimeout
            or SshFailureKind.LoginTimeout
            or SshFailureKind.SftpTimeout => BackendError.Timeout,
        SshFailureKind.NoCommonAlgorithm
            or SshFailureKind.NoSftp => BackendError.ProtocolError,
        SshFailureKind.ConnectionLost
            or SshFailureKind.Killed => BackendError.ConnectionLost,

        // No SSH on the port, no ssh on this machine, a server that hangs up: nobody got through to a server.
        _ => BackendError.Unreachable,
    };
}
