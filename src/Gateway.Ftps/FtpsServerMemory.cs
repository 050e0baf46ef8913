using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Ftps;

/// <summary>What one backend's connections learn of their server, and leave for one another.</summary>
internal sealed class FtpsServerMemory
{
    private const int MaxAbandoned = 1000;

    private readonly ConcurrentQueue<string> _abandoned = new();
    private volatile bool _renameRefusesExisting;

    /// <summary>RNTO was refused because the target existed: replacing a file takes two steps.</summary>
    public bool RenameRefusesExisting
    {
        get => _renameRefusesExisting;
        set => _renameRefusesExisting = value;
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
