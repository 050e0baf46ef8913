using System.Text;
using Gateway.Api.Access;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories.Zip;

/// <summary>
/// Comes by everything in a tree, each folder before what is in it, by name. A folder is listed to its end before anything in it is looked
/// at, so that one connection is enough for both; however large the tree is, a bounded number of entries is remembered.
/// </summary>
internal sealed class ZipWalk
{
    private const int MaxRemembered = 20_000;
    private const int MinRemembered = 16;

    /// <summary>No archive takes more; a listing that goes on behind them may have no end at all.</summary>
    private const int MaxListed = 1_000_000;

    private readonly SteadyLease _lease;
    private readonly PathAccess _access;
    private readonly Stack<OpenFolder> _open = new();
    private int _remembered;

    /// <param name="lease">Where folders are listed.</param>
    /// <param name="access">To the root of the tree; what the caller may not see is passed over.</param>
    public ZipWalk(SteadyLease lease, PathAccess access)
    {
        (_lease, _access) = (lease, access);
        _open.Push(new OpenFolder(access.Asked, ""));
    }

    /// <summary>What the caller may see and read.</summary>
    public PathAccess Access => _access;

    /// <summary>Entries that can be no part of an archive: of no name, or neither file nor folder nor link.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The folder that holds what <see cref="NextAsync"/> came to.</summary>
    public RemotePath Folder => _open.Peek().Path;

    /// <summary>Its name in the archive; empty at the top.</summary>
    public string Name => _open.Peek().Name;

    /// <summary>The first listing: what fails here is the caller's business.</summary>
    public ValueTask BeginAsync(CancellationToken cancellationToken) => ListAsync(_open.Peek(), cancellationToken);

    /// <summary>The next entry of the folder that is open, or of one above it.</summary>
    /// <returns>Null at the end of the tree.</returns>
    public async ValueTask<RemoteEntry?> NextAsync(CancellationToken cancellationToken)
    {
        while (_open.TryPeek(out var folder))
        {
            if (folder.Entries.Take() is { } entry)
            {
                _remembered--;
                return entry;
            }

            if (folder.WasListed && !folder.Entries.HasForgotten)
            {
                _open.Pop();
            }
            else
            {
                await ListAsync(folder, cancellationToken);
            }
        }

        return null;
    }

    /// <summary>What comes next is in this folder, which <see cref="NextAsync"/> just came to.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="name">Its name in the archive.</param>
    public void Enter(RemotePath path, string name)
    {
        if (_open.Count > ListingQuery.MaxDepth || Encoding.UTF8.GetByteCount(path.Value) > RemotePath.MaxBytes)
        {
            throw new BackendException(BackendError.InvalidPath, $"The tree is deeper than {ListingQuery.MaxDepth} folders, or than a path can be long.") { Path = path };
        }

        _open.Push(new OpenFolder(path, name));
    }

    private async ValueTask ListAsync(OpenFolder folder, CancellationToken cancellationToken)
    {
        var leftOut = await _lease.RunAsync(
            async (connection, token) =>
            {
                var (odd, listed) = (0, 0);
                folder.Entries.BeginAgain();
                await foreach (var entry in connection.ListAsync(folder.Path, token))
                {
                    if (++listed > MaxListed)
                    {
                        throw new BackendException(BackendError.NotSupported, $"The folder has more than {MaxListed} entries: too many for an archive.") { Path = folder.Path };
                    }

                    if (!_access.Shows(folder.Path, entry))
                    {
                        continue;
                    }

                    if (!entry.IsAddressable || entry.Type == RemoteEntryType.Other)
                    {
                        odd++;
                        continue;
                    }

                    var before = folder.Entries.Count;
                    folder.Entries.Add(entry, Math.Max(MinRemembered, MaxRemembered - _remembered + before));
                    _remembered += folder.Entries.Count - before;
                }

                return odd;
            },
            cancellationToken);
        LeftOut += folder.WasListed ? 0 : leftOut;
        folder.WasListed = true;
    }

    private sealed class OpenFolder(RemotePath path, string name)
    {
        public RemotePath Path { get; } = path;

        public string Name { get; } = name;

        public PendingEntries Entries { get; } = new();

        public bool WasListed { get; set; }
    }
}
