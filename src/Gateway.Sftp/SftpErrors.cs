using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;
using Gateway.Sftp.Transport;

namespace Gateway.Sftp;

/// <summary>The one table from SFTP statuses and channel failures to the broker's errors.</summary>
internal static class SftpErrors
{
    /// <summary>Translates any failure of an operation; a <see cref="BackendException"/> stays what it is.</summary>
    public static BackendException Translate(Exception error, RemotePath? path = null) => error switch
    {
        BackendException known => known,
        SshException ssh => SshErrors.Translate(ssh),
        SftpStatusException status => new BackendException(ErrorOf(status.Code), SentenceOf(status.Code), status)
        {
            Path = path,
            Diagnostic = status.ServerMessage,
        },
        SftpFileChangedException changed => new BackendException(BackendError.ProtocolError, changed.Message + " Repeat the request.", changed) { Path = path },
        SftpTimeoutException timeout => new BackendException(
            BackendError.Timeout,
            $"The server did not answer within {timeout.Limit.TotalSeconds:0.#} s. Raise Transfers:OperationTimeout or Transfers:StallTimeout if it is only slow.",
            timeout) { Path = path },
        SftpProtocolException protocol => new BackendException(
            BackendError.ProtocolError, "The server broke the SFTP protocol: " + protocol.Message, protocol) { Path = path, Diagnostic = protocol.Evidence },
        SftpChannelException { InnerException: { } reason } => TranslateEnd(reason, path),
        _ => new BackendException(BackendError.ConnectionLost, "The connection to the server was lost.", error) { Path = path },
    };

    /// <summary>The end of a channel, for one of the requests that were in flight.</summary>
    private static BackendException TranslateEnd(Exception reason, RemotePath? path)
    {
        var known = Translate(reason);
        return new BackendException(known.Error, known.Message, reason) { Path = path ?? known.Path, Diagnostic = known.Diagnostic };
    }

    private static BackendError ErrorOf(SftpStatusCode code) => code switch
    {
        SftpStatusCode.NoSuchFile or SftpStatusCode.NoSuchPath => BackendError.NotFound,
        SftpStatusCode.PermissionDenied or SftpStatusCode.WriteProtect => BackendError.PermissionDenied,
        SftpStatusCode.FileAlreadyExists => BackendError.AlreadyExists,
        SftpStatusCode.DirectoryNotEmpty => BackendError.NotEmpty,
        SftpStatusCode.FileIsADirectory => BackendError.IsADirectory,
        SftpStatusCode.NotADirectory => BackendError.NotADirectory,
        SftpStatusCode.NoSpaceOnFileSystem or SftpStatusCode.QuotaExceeded => BackendError.InsufficientStorage,
        SftpStatusCode.OperationUnsupported => BackendError.NotSupported,

        // OpenSSH answers ENAMETOOLONG and EINVAL with BAD_MESSAGE.
        SftpStatusCode.BadMessage or SftpStatusCode.InvalidFileName or SftpStatusCode.LinkLoop => BackendError.InvalidPath,
        SftpStatusCode.NoConnection or SftpStatusCode.ConnectionLost => BackendError.ConnectionLost,
        _ => BackendError.ProtocolError,
    };

    private static string SentenceOf(SftpStatusCode code) => ErrorOf(code) switch
    {
        BackendError.NotFound => "There is nothing at this path.",
        BackendError.PermissionDenied => "The server does not permit this to the backend's account.",
        BackendError.AlreadyExists => "Something exists at this path already.",
        BackendError.NotEmpty => "The folder is not empty.",
        BackendError.IsADirectory => "This is a folder, and a file was needed.",
        BackendError.NotADirectory => "This, or a part of its path, is not a folder.",
        BackendError.InsufficientStorage => "The server has no space left for this account.",
        BackendError.NotSupported => "The server does not support this operation.",
        BackendError.InvalidPath => "The server does not accept this name; it may be too long.",
        BackendError.ConnectionLost => "The server lost its connection to the files.",
        _ => "The server failed the operation without giving a reason; its log may have one.",
    };
}
