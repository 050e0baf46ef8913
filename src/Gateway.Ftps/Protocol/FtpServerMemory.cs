namespace Gateway.Ftps.Protocol;

/// <summary>What one backend's connections learn of their server, and leave for one another.</summary>
internal sealed class FtpServerMemory
{
    private volatile bool _renameRefusesExisting;
    private volatile bool _resumesSessions;
    private volatile bool _wantsHandshakeLate;

    /// <summary>RNTO was refused because the target existed: replacing a file takes two steps.</summary>
    public bool RenameRefusesExisting
    {
        get => _renameRefusesExisting;
        set => _renameRefusesExisting = value;
    }

    /// <summary>A data connection's TLS session was resumed: the server keeps sessions, and may insist on them.</summary>
    public bool ResumesSessions
    {
        get => _resumesSessions;
        set => _resumesSessions = value;
    }

    /// <summary>
    /// A data connection's handshake was reset: to some servers it must not begin before they have read the command, which may be on its
    /// way for longer than the handshake's first message.
    /// </summary>
    public bool WantsHandshakeLate
    {
        get => _wantsHandshakeLate;
        set => _wantsHandshakeLate = value;
    }
}
