using System.Collections.Concurrent;
using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes.Memory;

/// <summary>
/// A file server inside the test: for exact timing, for failures at a chosen moment, and for names that no real server would keep.
/// Everything else is better tested on a real one.
/// </summary>
public sealed class MemoryBackend
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MemoryNode> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MemoryConnection, bool> _connections = new();
    private int _openUploads;
    private int _openReads;
    private int _opened;

    /// <summary>A server with an empty root.</summary>
    public MemoryBackend() => AddFolder("/");

    /// <summary>What the server can do.</summary>
    public BackendCapabilities Capabilities { get; set; } = new() { AtomicReplace = true, AtomicCreate = true, ResolvesSymlinks = true, ExactListings = true };

    /// <summary>Whether one connection serves several leases.</summary>
    public bool IsShareable { get; set; } = true;

    /// <summary>Most bytes that one read gives.</summary>
    public int ReadSize { get; set; } = 64 * 1024;

    /// <summary>The clock of modification times.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>How long it is said to have said nothing.</summary>
    public TimeSpan Silence { get; set; }

    /// <summary>Called before every operation: may wait, and may throw.</summary>
    public Func<MemoryOperation, RemotePath, CancellationToken, ValueTask>? Before { get; set; }

    /// <summary>Entries that a listing of a folder has besides its own, as they are: names that no path can hold.</summary>
    public ConcurrentDictionary<RemotePath, RemoteEntry[]> OddEntries { get; } = new();

    /// <summary>Connections opened so far.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Uploads neither committed nor abandoned.</summary>
    public int OpenUploads => Volatile.Read(ref _openUploads);

    /// <summary>Files open for reading.</summary>
    public int OpenReads => Volatile.Read(ref _openReads);

    /// <summary>Every path, sorted.</summary>
    public IReadOnlyList<string> Paths
    {
        get
        {
            lock (_lock)
            {
                return [.. _nodes.Keys];
            }
        }
    }

    /// <summary>Adds a folder and those above it.</summary>
    public void AddFolder(string path)
    {
        var folder = RemotePath.Parse(path);
        lock (_lock)
        {
            for (; !_nodes.ContainsKey(folder.Value); folder = folder.Parent)
            {
                _nodes[folder.Value] = new MemoryNode { Type = RemoteEntryType.Directory, Permissions = 0b111_101_101, Modified = Time.GetUtcNow() };
            }
        }
    }

    /// <summary>Adds a file, an hour old unless told otherwise, and the folders above it.</summary>
    public void AddFile(string path, byte[] content, DateTimeOffset? modified = null) => Add(path, new MemoryNode
    {
        Type = RemoteEntryType.File,
        Content = content,
        Permissions = 0b110_100_100,
        Modified = WholeSeconds(modified ?? Time.GetUtcNow() - TimeSpan.FromHours(1)),
    });

    /// <summary>Adds any entry and the folders above it.</summary>
    public void Add(string path, MemoryNode node)
    {
        var entry = RemotePath.Parse(path);
        AddFolder(entry.Parent.Value);
        lock (_lock)
        {
            _nodes[entry.Value] = node;
        }
    }

    /// <summary>Removes an entry, as somebody else does.</summary>
    public void Delete(string path)
    {
        lock (_lock)
        {
            _nodes.Remove(path);
        }
    }

    /// <summary>The entry at a path; null where there is none.</summary>
    public MemoryNode? Find(string path)
    {
        lock (_lock)
        {
            return _nodes.GetValueOrDefault(path);
        }
    }

    /// <summary>Every connection dies, as when the server is killed.</summary>
    public void LoseConnections()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Break(new BackendException(BackendError.ConnectionLost, "The connection was lost as told."));
        }
    }

    internal static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    internal async Task<BackendConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await PauseAsync(MemoryOperation.Open, RemotePath.Root, cancellationToken);
        Interlocked.Increment(ref _opened);
        var connection = new MemoryConnection(this);
        _connections[connection] = true;
        return connection;
    }

    internal ValueTask PauseAsync(MemoryOperation operation, RemotePath path, CancellationToken cancellationToken) =>
        Before?.Invoke(operation, path, cancellationToken) ?? default;

    internal void Forget(MemoryConnection connection) => _connections.TryRemove(connection, out _);

    internal void CountUpload(int change) => Interlocked.Add(ref _openUploads, change);

    internal void CountRead(int change) => Interlocked.Add(ref _openReads, change);

    /// <summary>The node at a path, with links resolved or not.</summary>
    internal MemoryNode Get(RemotePath path, bool followSymlink)
    {
        lock (_lock)
        {
            for (var hops = 0; hops < 40; hops++)
            {
                if (!_nodes.TryGetValue(path.Value, out var node))
                {
                    throw new BackendException(BackendError.NotFound, "There is no such entry.") { Path = path };
                }

                if (!followSymlink || node.Target is not { } target)
                {
                    return node;
                }

                path = target;
            }
        }

        throw new BackendException(BackendError.NotFound, "The links go round in a circle.") { Path = path };
    }

    internal List<RemoteEntry> Children(RemotePath folder)
    {
        var prefix = folder.IsRoot ? "/" : folder.Value + "/";
        lock (_lock)
        {
            return
            [
                .. from pair in _nodes
                   where pair.Key.Length > prefix.Length && pair.Key.StartsWith(prefix, StringComparison.Ordinal)
                       && !pair.Key.AsSpan(prefix.Length).Contains('/')
                   select pair.Value.Describe(pair.Key[prefix.Length..]),
                .. OddEntries.GetValueOrDefault(folder, []),
            ];
        }
    }

    /// <summary>Puts a node in a place, under one lock with the checks.</summary>
    /// <returns>Whether the place was free.</returns>
    internal bool Put(RemotePath path, MemoryNode node, bool overwrite)
    {
        lock (_lock)
        {
            RequireParent(path);
            var isThere = _nodes.TryGetValue(path.Value, out var old);
            if (isThere && old!.Type == RemoteEntryType.Directory)
            {
                throw new BackendException(
                    node.Type == RemoteEntryType.Directory ? BackendError.AlreadyExists : BackendError.IsADirectory, "There is a folder of that name.") { Path = path };
            }

            if (isThere && !overwrite)
            {
                throw new BackendException(BackendError.AlreadyExists, "There is an entry of that name.") { Path = path };
            }

            _nodes[path.Value] = node;
            return !isThere;
        }
    }

    internal void Remove(RemotePath path, bool isFolder)
    {
        lock (_lock)
        {
            var node = Get(path, followSymlink: false);
            if (isFolder != (node.Type == RemoteEntryType.Directory))
            {
                throw new BackendException(isFolder ? BackendError.NotADirectory : BackendError.IsADirectory, "It is something else.") { Path = path };
            }

            if (isFolder && Children(path).Count > 0)
            {
                throw new BackendException(BackendError.NotEmpty, "The folder is not empty.") { Path = path };
            }

            _nodes.Remove(path.Value);
        }
    }

    internal void Rename(RemotePath from, RemotePath to, bool overwrite)
    {
        lock (_lock)
        {
            var node = Get(from, followSymlink: false);
            if (from == to && overwrite)
            {
                return;
            }

            Put(to, node, overwrite);
            foreach (var key in _nodes.Keys.Where(key => key.StartsWith(from.Value + "/", StringComparison.Ordinal)).ToList())
            {
                _nodes[to.Value + key[from.Value.Length..]] = _nodes[key];
                _nodes.Remove(key);
            }

            _nodes.Remove(from.Value);
        }
    }

    internal void Change(RemotePath path, Func<MemoryNode, MemoryNode> change)
    {
        lock (_lock)
        {
            _nodes[path.Value] = change(Get(path, followSymlink: false));
        }
    }

    internal void RequireParent(RemotePath path)
    {
        if (Get(path.Parent, followSymlink: true).Type != RemoteEntryType.Directory)
        {
            throw new BackendException(BackendError.NotADirectory, "A part of the path is no folder.") { Path = path };
        }
    }
}
