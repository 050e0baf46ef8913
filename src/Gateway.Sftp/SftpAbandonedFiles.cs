using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Sftp;

/// <summary>
/// Temporary files of uploads whose connection died before they could be removed: the backend's next connection removes them.
/// Bounded; what does not fit stays on the server under its temporary name.
/// </summary>
internal sealed class SftpAbandonedFiles
{
    private const int MaxRemembered = 1000;

    private readonly ConcurrentQueue<string> _paths = new();

    public void Add(string serverPath)
    {
        if (_paths.Count < MaxRemembered)
        {
            _paths.Enqueue(serverPath);
        }
    }

    public bool TryTake([NotNullWhen(true)] out string? serverPath) => _paths.TryDequeue(out serverPath);
}
