using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Broker.Backends;

/// <summary>
/// Temporary files, by their paths on one server, of uploads whose connection died before they could be removed: another connection
/// removes them. Bounded; what does not fit stays on the server under its temporary name.
/// </summary>
public sealed class AbandonedFiles
{
    private const int MaxRemembered = 1000;

    private readonly ConcurrentQueue<string> _paths = new();

    /// <summary>How many there are.</summary>
    public int Count => _paths.Count;

    /// <summary>Remembers one.</summary>
    public void Add(string serverPath)
    {
        if (_paths.Count < MaxRemembered)
        {
            _paths.Enqueue(serverPath);
        }
    }

    /// <summary>Hands the oldest one over to whoever removes it now, and adds it again where that fails.</summary>
    public bool TryTake([NotNullWhen(true)] out string? serverPath) => _paths.TryDequeue(out serverPath);
}
