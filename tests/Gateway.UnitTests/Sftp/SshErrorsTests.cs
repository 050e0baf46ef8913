using Gateway.Broker.Backends;
using Gateway.Sftp;
using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp;

public sealed class SshErrorsTests
{
    [Theory]
    [InlineData(SshFailureKind.AuthenticationRefused, BackendError.AuthenticationFailed)]
    [InlineData(SshFailureKind.TooManyAuthenticationFailures, BackendError.AuthenticationFailed)]
    [InlineData(SshFailureKind.PassphraseWrong, BackendError.AuthenticationFailed)]
    [InlineData(SshFailureKind.PasswordExpired, BackendError.AuthenticationFailed)]
    [InlineData(SshFailureKind.HostKeyUnknown, BackendError.HostKeyMismatch)]
    [InlineData(SshFailureKind.HostKeyChanged, BackendError.HostKeyMismatch)]
    [InlineData(SshFailureKind.HostKeyRevoked, BackendError.HostKeyMismatch)]
    [InlineData(SshFailureKind.HostKeyCheckFailed, BackendError.HostKeyMismatch)]
    [InlineData(SshFailureKind.NameNotResolved, BackendError.Unreachable)]
    [InlineData(SshFailureKind.ConnectionRefused, BackendError.Unreachable)]
    [InlineData(SshFailureKind.NotSsh, BackendError.Unreachable)]
    [InlineData(SshFailureKind.ServerBusy, BackendError.Unreachable)]
    [InlineData(SshFailureKind.ClientMissing, BackendError.Unreachable)]
    [InlineData(SshFailureKind.GreetingTimeout, BackendError.Timeout)]
    [InlineData(SshFailureKind.SftpTimeout, BackendError.Timeout)]
    [InlineData(SshFailureKind.NoSftp, BackendError.ProtocolError)]
    [InlineData(SshFailureKind.NoCommonAlgorithm, BackendError.ProtocolError)]
    [InlineData(SshFailureKind.ConnectionLost, BackendError.ConnectionLost)]
    public void Each_failure_of_ssh_has_its_place_among_the_broker_s_errors(object kind, BackendError expected)
    {
        var failure = new SshFailure((SshFailureKind)kind, "What happened.", "what ssh said");

        var error = SshErrors.Translate(new SshException(failure));

        Assert.Equal((expected, "What happened.", "what ssh said"), (error.Error, error.Message, error.Diagnostic));
    }
}
