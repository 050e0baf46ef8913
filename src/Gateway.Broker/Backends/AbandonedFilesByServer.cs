using System.Collections.Concurrent;

namespace Gateway.Broker.Backends;

/// <summary>
/// A driver's <see cref="AbandonedFiles"/>. They belong to a server and account, not to a pool: a backend whose password or settings
/// change gets new connections, and those must still clean up behind the former ones.
/// </summary>
public sealed class AbandonedFilesByServer
{
    private const int MaxServers = 1000;

    private readonly ConcurrentDictionary<(string Host, int Port, string Username), AbandonedFiles> _servers = new();

    /// <summary>Those of one server and account.</summary>
    public AbandonedFiles Get(BackendSettings settings)
    {
        var key = (settings.Host, settings.Port, settings.Username);
        if (_servers.Count >= MaxServers && !_servers.ContainsKey(key))
        {
            foreach (var (known, files) in _servers)
            {
                if (files.Count == 0)
                {
                    _servers.TryRemove(known, out _);
                }
            }
        }

        return _servers.GetOrAdd(key, _ => new AbandonedFiles());
    }
}
