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
            or SshFailureKind.KeyFileUnusable => BackendError.AuthenticationFailed,
        SshFailureKind.HostKeyUnknown
            or SshFailureKind.HostKeyChanged
            or SshFailureKind.HostKeyRevoked
            or SshFailureKind.HostKeyCheckFailed => BackendError.HostKeyMismatch,
        SshFailureKind.NameNotResolved
            or SshFailureKind.ConnectionRefused
            or SshFailureKind.NetworkUnreachable
            or SshFailureKind.JumpRefused
            or SshFailureKind.ServerBusy
            or SshFailureKind.ClosedDuringLogin => BackendError.Unreachable,
        SshFailureKind.ConnectTimeout
            or SshFailureKind.GreetingTimeout
            or SshFailureKind.LoginTimeout => BackendError.Timeout,
        SshFailureKind.ConnectionLost or SshFailureKind.Killed => BackendError.ConnectionLost,
        _ => BackendError.ProtocolError,
    };
}
