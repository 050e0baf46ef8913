using Gateway.Broker.Backends;
using Gateway.Ftps;
using Gateway.Ftps.Protocol;
using Gateway.Ftps.Transport;

namespace Gateway.UnitTests.Ftps;

public sealed class FtpsErrorsTests
{
    [Theory]
    [InlineData(550, "/x: No such file or directory", BackendError.NotFound)]
    [InlineData(550, "Sorry, but that file doesn't exist", BackendError.NotFound)]
    [InlineData(450, "/x: No such file or directory", BackendError.NotFound)]
    [InlineData(550, "/x: Permission denied", BackendError.PermissionDenied)]
    [InlineData(550, "Access is denied.", BackendError.PermissionDenied)]
    [InlineData(550, "Delete operation failed.", BackendError.PermissionDenied)]
    [InlineData(553, "Could not create file.", BackendError.PermissionDenied)]
    [InlineData(550, "Can't create directory: File exists", BackendError.AlreadyExists)]
    [InlineData(550, "Can't remove directory: Directory not empty", BackendError.NotEmpty)]
    [InlineData(550, "Not a directory.", BackendError.NotADirectory)]
    [InlineData(550, "Is a directory.", BackendError.IsADirectory)]
    [InlineData(553, "Prohibited file name", BackendError.InvalidPath)]
    [InlineData(550, "File name too long", BackendError.InvalidPath)]
    [InlineData(452, "x", BackendError.InsufficientStorage)]
    [InlineData(552, "x", BackendError.InsufficientStorage)]
    [InlineData(451, "No space left on device", BackendError.InsufficientStorage)]
    [InlineData(550, "Disk quota exceeded", BackendError.InsufficientStorage)]
    [InlineData(500, "Unknown command.", BackendError.NotSupported)]
    [InlineData(502, "x", BackendError.NotSupported)]
    [InlineData(504, "x", BackendError.NotSupported)]
    [InlineData(451, "Local error", BackendError.ProtocolError)]
    [InlineData(530, "Please login with USER and PASS.", BackendError.ConnectionLost)]
    public void Refusals(int code, string text, BackendError expected)
    {
        var translated = FtpsErrors.Translate(FtpException.Refused(new FtpCommand("DELE", "/x"), new FtpReply(code, [text])), RemotePath.Parse("/x"));
        Assert.Equal(expected, translated.Error);
        Assert.Equal("/x", translated.Path?.Value);
        Assert.DoesNotContain(text, translated.Message, StringComparison.Ordinal);
        Assert.Contains(text, translated.Diagnostic, StringComparison.Ordinal);
    }

    [Fact]
    public void A_callers_name_is_not_taken_for_the_servers_reason()
    {
        const string Path = "/No such file, File exists, disk full";
        var refused = FtpException.Refused(new FtpCommand("DELE", Path), new FtpReply(550, [Path + ": Permission denied"]));
        Assert.Equal(BackendError.PermissionDenied, FtpsErrors.Translate(refused).Error);
    }

    [Theory]
    [InlineData(nameof(FtpFailure.DataRefused), BackendError.ConnectionLost, true)]
    [InlineData(nameof(FtpFailure.LoginRefused), BackendError.AuthenticationFailed, true)]
    [InlineData(nameof(FtpFailure.TurnedAway), BackendError.Unreachable, true)]
    [InlineData(nameof(FtpFailure.ProtectionRefused), BackendError.ProtocolError, true)]
    [InlineData(nameof(FtpFailure.Protocol), BackendError.ProtocolError, true)]
    [InlineData(nameof(FtpFailure.Unreadable), BackendError.ProtocolError, false)]
    [InlineData(nameof(FtpFailure.Truncated), BackendError.ConnectionLost, false)]
    [InlineData(nameof(FtpFailure.Unreachable), BackendError.Unreachable, false)]
    [InlineData(nameof(FtpFailure.ConnectionLost), BackendError.ConnectionLost, true)]
    [InlineData(nameof(FtpFailure.Timeout), BackendError.Timeout, true)]
    public void Failures_and_whether_they_break_the_connection(string failure, BackendError expected, bool isFatal)
    {
        var error = new FtpException(Enum.Parse<FtpFailure>(failure), "Sentence.");
        Assert.Equal(expected, FtpsErrors.Translate(error).Error);
        Assert.Equal("Sentence.", FtpsErrors.Translate(error).Message);
        Assert.Equal(isFatal, FtpsErrors.IsFatal(error));
    }

    [Fact]
    public void A_refused_file_keeps_the_connection() =>
        Assert.False(FtpsErrors.IsFatal(FtpException.Refused(new FtpCommand("DELE"), new FtpReply(550, ["no"]))));

    [Theory]
    [InlineData(425, "Unable to build data connection: Operation not permitted", true)]
    [InlineData(522, "SSL connection failed: session reuse required", true)]
    [InlineData(450, "TLS session of data connection has not resumed or the session does not match the control connection", true)]
    [InlineData(450, "/x: No such file or directory", false)]
    [InlineData(550, "Failed to open file.", false)]
    public void A_refused_data_connection_is_told_from_a_refused_file(int code, string text, bool isConnection)
    {
        var refused = FtpException.RefusedTransfer(new FtpCommand("RETR", "/x"), new FtpReply(code, [text]));
        Assert.Equal(isConnection ? FtpFailure.DataRefused : FtpFailure.Refused, refused.Failure);
    }

    [Fact]
    public void What_never_worked_is_not_lost()
    {
        Assert.Equal(BackendError.Unreachable, FtpsErrors.TranslateOpening(new TlsException(TlsFailure.ConnectionLost, "x")).Error);
        Assert.Equal(BackendError.Unreachable, FtpsErrors.TranslateOpening(new FtpException(FtpFailure.Protocol, "HTTP") { Evidence = "HTTP/1.1" }).Error);
        Assert.Equal(BackendError.CertificateInvalid, FtpsErrors.TranslateOpening(new TlsException(TlsFailure.Certificate, "x")).Error);
        Assert.Equal(BackendError.ProtocolError, FtpsErrors.TranslateOpening(new FtpException(FtpFailure.ProtectionRefused, "x")).Error);
    }
}
