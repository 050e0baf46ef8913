namespace Gateway.Ftps.Protocol;

/// <summary>How a conversation with an FTP server failed.</summary>
internal enum FtpFailure
{
    /// <summary>The server answered a command with 4xx or 5xx. The conversation goes on.</summary>
    Refused,

    /// <summary>The server built no data connection (425, 522, ...). Nothing moved; a new control connection may do better.</summary>
    DataRefused,

    /// <summary>The server refused the account.</summary>
    LoginRefused,

    /// <summary>The server turned this connection away before a login (421, too many users).</summary>
    TurnedAway,

    /// <summary>The server refused to protect the conversation.</summary>
    ProtectionRefused,

    /// <summary>The server said something that FTP does not allow here. The conversation is out of step and over.</summary>
    Protocol,

    /// <summary>A listing holds something that is no entry. The conversation goes on.</summary>
    Unreadable,

    /// <summary>A transfer ended without its proof of completeness.</summary>
    Truncated,

    /// <summary>The name was not resolved, or nothing accepted the TCP connection.</summary>
    Unreachable,

    /// <summary>The connection died, or was closed.</summary>
    ConnectionLost,

    /// <summary>No answer, or no byte, within the time allowed.</summary>
    Timeout,
}
