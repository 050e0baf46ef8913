using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Ftps.Protocol;

/// <summary>What one backend's connections learn of their server, and leave for one another.</summary>
internal sealed class FtpServerMemory
{
    private const int MaxAbandoned = 1000;

    private readonly ConcurrentQueue<string> _abandoned = new();
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

    /// <summary>
    /// Remembers a temporary file whose connection died before it could be removed. Bounded; what does not fit stays on the server under
    /// its temporary name.
    /// </summary>
    public void AddAbandoned(string serverPath)
    {
        if (_abandoned.Count < MaxAbandoned)
        {
            _abandoned.Enqueue(serverPath);
        }
    }

    public bool TryTakeAbandoned([NotNullWhen(true)] out string? serverPath) => _abandoned.TryDequeue(out serverPath);
}
