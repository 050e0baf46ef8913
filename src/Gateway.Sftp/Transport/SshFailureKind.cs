namespace Gateway.Sftp.Transport;

/// <summary>Why there is no session, or no session any more.</summary>
internal enum SshFailureKind
{
    /// <summary>ssh ended and said nothing that is known here.</summary>
    Unknown,

    /// <summary>The server refused the account's key or password.</summary>
    AuthenticationRefused,

    /// <summary>The server ended the login because too many keys or passwords were tried.</summary>
    TooManyAuthenticationFailures,

    /// <summary>The server asked a question that the configuration has no answer to (a second factor, a PIN).</summary>
    UnexpectedQuestion,

    /// <summary>The password has expired and the server wants a new one.</summary>
    PasswordExpired,

    /// <summary>The account itself has expired on the server.</summary>
    AccountExpired,

    /// <summary>The private key file is gone, or the gateway may not read it.</summary>
    KeyFileMissing,

    /// <summary>Others can read the private key file; ssh then refuses it.</summary>
    KeyFileTooOpen,

    /// <summary>The private key file holds no key that ssh can read.</summary>
    KeyFileInvalid,

    /// <summary>The passphrase does not open the private key, or there is none and the key is encrypted.</summary>
    PassphraseWrong,

    /// <summary>No rule matches the server's host key.</summary>
    HostKeyUnknown,

    /// <summary>The known hosts file has another key of the same type for this server.</summary>
    HostKeyChanged,

    /// <summary>The server's host key is marked <c>@revoked</c>.</summary>
    HostKeyRevoked,

    /// <summary>The host key could not be checked: the check itself failed.</summary>
    HostKeyCheckFailed,

    /// <summary>The host name does not resolve.</summary>
    NameNotResolved,

    /// <summary>Nothing listens on the port.</summary>
    ConnectionRefused,

    /// <summary>No route, or the network refuses.</summary>
    NetworkUnreachable,

    /// <summary>The jump host does not let the connection through.</summary>
    JumpRefused,

    /// <summary>TCP did not connect in time.</summary>
    ConnectTimeout,

    /// <summary>TCP connected, and no SSH greeting came in time.</summary>
    GreetingTimeout,

    /// <summary>The greeting came, and key exchange or login did not end in time.</summary>
    LoginTimeout,

    /// <summary>The login succeeded, and the server's SFTP did not answer in time.</summary>
    SftpTimeout,

    /// <summary>Something else than SSH answers on the port.</summary>
    NotSsh,

    /// <summary>The server accepts no more connections for now (<c>MaxStartups</c>, <c>PerSourcePenalties</c>).</summary>
    ServerBusy,

    /// <summary>The server closed the connection before or during the login, without a reason.</summary>
    ClosedDuringLogin,

    /// <summary>Client and server have no cipher, key exchange or host key algorithm in common.</summary>
    NoCommonAlgorithm,

    /// <summary>The account is logged in, and the server has no SFTP for it.</summary>
    NoSftp,

    /// <summary>The session was up and died: reset, closed, or no answer to keep-alives.</summary>
    ConnectionLost,

    /// <summary>A signal ended ssh.</summary>
    Killed,

    /// <summary>There is no ssh program.</summary>
    ClientMissing,

    /// <summary>The ssh program lacks an option that is needed.</summary>
    ClientTooOld,

    /// <summary>The gateway's user id has no passwd entry; ssh demands one.</summary>
    NoUserEntry,

    /// <summary>The system refused a process, a descriptor or a terminal.</summary>
    SystemLimit,
}
