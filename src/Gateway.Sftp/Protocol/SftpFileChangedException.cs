namespace Gateway.Sftp.Protocol;

/// <summary>The file is not what it was when it was opened: it ended early, or grew, while it was read or written.</summary>
internal sealed class SftpFileChangedException(string message) : Exception(message);
