namespace Gateway.Sftp.Protocol;

/// <summary>
/// Status codes of version 3 (draft-ietf-secsh-filexfer-02, section 7), and those of later versions that some servers send
/// to version 3 clients as well (draft-13, section 9.1).
/// </summary>
internal enum SftpStatusCode : uint
{
    Ok = 0,
    EndOfFile = 1,
    NoSuchFile = 2,
    PermissionDenied = 3,
    Failure = 4,
    BadMessage = 5,
    NoConnection = 6,
    ConnectionLost = 7,
    OperationUnsupported = 8,
    InvalidHandle = 9,
    NoSuchPath = 10,
    FileAlreadyExists = 11,
    WriteProtect = 12,
    NoSpaceOnFileSystem = 14,
    QuotaExceeded = 15,
    DirectoryNotEmpty = 18,
    NotADirectory = 19,
    InvalidFileName = 20,
    LinkLoop = 21,
    FileIsADirectory = 24,
}
