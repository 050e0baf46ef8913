using System.Net.Sockets;
using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;
using Gateway.Ftps.Transport;

namespace Gateway.Ftps;

/// <summary>The one table from FTP replies and failures to the broker's errors.</summary>
internal static class FtpsErrors
{
    /// <summary>Translates any failure but a cancellation; a <see cref="BackendException"/> stays what it is.</summary>
    public static BackendException Translate(Exception error, RemotePath? path = null) => error switch
    {
        BackendException known => known,
        FtpException { Failure: FtpFailure.Refused, Reply: { } reply } refused => TranslateRefusal(refused, reply, path),
        FtpException failed => new BackendException(ErrorOf(failed.Failure), failed.Message, failed) { Path = path, Diagnostic = failed.Diagnostic },
        TlsException { Failure: TlsFailure.Certificate } => new BackendException(BackendError.CertificateInvalid, error.Message, error),
        TlsException { Failure: TlsFailure.Handshake } => new BackendException(BackendError.Unreachable, error.Message, error),
        TlsException => new BackendException(BackendError.ConnectionLost, error.Message, error),
        IOException or SocketException or ObjectDisposedException =>
            new BackendException(BackendError.ConnectionLost, "The connection to the server was lost.", error) { Path = path },
        _ => new BackendException(BackendError.ProtocolError, "The conversation with the server failed.", error) { Path = path },
    };

    /// <summary>
    /// Translates a failure to open a connection: what never worked is not lost, so that nobody tries it again at once.
    /// </summary>
    public static BackendException TranslateOpening(Exception error)
    {
        var translated = Translate(error);
        var isUnreachable = translated.Error == BackendError.ConnectionLost
            || error is FtpException { Failure: FtpFailure.Protocol, Evidence: not null };
        return isUnreachable
            ? new BackendException(BackendError.Unreachable, translated.Message, error) { Diagnostic = translated.Diagnostic }
            : translated;
    }

    /// <summary>Whether the connection cannot be used any more after <paramref name="error"/>.</summary>
    public static bool IsFatal(Exception error) => error switch
    {
        BackendException => false,
        FtpException failed => failed.Failure is not (FtpFailure.Refused or FtpFailure.Unreadable or FtpFailure.Truncated or FtpFailure.Unreachable),
        _ => true,
    };

    /// <summary>What a refusal says by itself. Most say 550 to everything, and the text is in the server's own words: see FtpsLookup.</summary>
    public static BackendError? ErrorOf(FtpReply reply, FtpCommand command)
    {
        switch (reply.Code)
        {
            case 452 or 552:
                return BackendError.InsufficientStorage;
            case 500 or 502 or 504:
                return BackendError.NotSupported;
        }

        // The argument is a caller's text: a file may well be called "permission denied".
        var text = reply.ToString();
        text = command.Argument is { Length: > 0 } argument ? text.Replace(argument, "", StringComparison.Ordinal) : text;
        return text switch
        {
            _ when Has(text, "no space", "disk full", "quota", "insufficient storage", "not enough") => BackendError.InsufficientStorage,
            _ when Has(text, "not empty") => BackendError.NotEmpty,
            _ when Has(text, "file exists", "already exist") => BackendError.AlreadyExists,
            _ when Has(text, "not a directory") => BackendError.NotADirectory,
            _ when Has(text, "is a directory") => BackendError.IsADirectory,
            _ when Has(text, "name too long", "name is too long", "prohibited", "illegal", "invalid directory name", "invalid file name", "invalid filename") => BackendError.InvalidPath,
            _ when Has(text, "permission denied", "access denied", "access is denied", "not permitted", "read-only file system") => BackendError.PermissionDenied,
            _ when Has(text, "no such", "not found", "does not exist", "doesn't exist", "cannot find") => BackendError.NotFound,
            _ => null,
        };
    }

    /// <summary>The sentence for callers.</summary>
    public static string SentenceOf(BackendError error) => error switch
    {
        BackendError.NotFound => "There is nothing at this path.",
        BackendError.PermissionDenied => "The server does not permit this to the backend's account.",
        BackendError.AlreadyExists => "Something exists at this path already.",
        BackendError.NotEmpty => "The folder is not empty.",
        BackendError.IsADirectory => "This is a folder, and a file was needed.",
        BackendError.NotADirectory => "This, or a part of its path, is not a folder.",
        BackendError.InsufficientStorage => "The server has no space left for this account.",
        BackendError.NotSupported => "The server does not support this operation.",
        BackendError.InvalidPath => "The server does not accept this name; it may be too long, or hold a character that the server forbids.",
        _ => "The server failed the operation without giving a reason; its log may have one.",
    };

    /// <summary>An error with its usual sentence.</summary>
    public static BackendException Create(BackendError error, RemotePath path, Exception? cause = null) =>
        new(error, SentenceOf(error), cause) { Path = path, Diagnostic = (cause as FtpException)?.Diagnostic };

    private static BackendException TranslateRefusal(FtpException refused, FtpReply reply, RemotePath? path)
    {
        if (reply.Code == 530)
        {
            return new BackendException(BackendError.ConnectionLost, "The server forgot the login.", refused) { Path = path, Diagnostic = refused.Diagnostic };
        }

        var error = ErrorOf(reply, refused.Command) ?? (reply.Code is 550 or 553 ? BackendError.PermissionDenied : BackendError.ProtocolError);
        return new BackendException(error, SentenceOf(error), refused) { Path = path, Diagnostic = refused.Diagnostic };
    }

    private static BackendError ErrorOf(FtpFailure failure) => failure switch
    {
        FtpFailure.LoginRefused => BackendError.AuthenticationFailed,
        FtpFailure.TurnedAway or FtpFailure.Unreachable => BackendError.Unreachable,
        FtpFailure.DataRefused or FtpFailure.ConnectionLost or FtpFailure.Truncated => BackendError.ConnectionLost,
        FtpFailure.Timeout => BackendError.Timeout,
        _ => BackendError.ProtocolError,
    };

    private static bool Has(string text, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (text.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
