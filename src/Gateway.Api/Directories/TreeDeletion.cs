using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// Deletes a tree, depth first, on one connection. Links are removed, never followed. It stops at the first failure. However large and
/// deep the tree is, a bounded number of names is remembered: a folder with more is listed again until it is empty.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="isParallel">Whether the connection takes several requests at once.</param>
/// <param name="require">Throws where an entry must not be deleted; asked right before.</param>
internal sealed class TreeDeletion(BackendConnection connection, bool isParallel, Action<RemotePath> require)
{
    private const int MaxRemembered = 50_000;
    private const int MinRemembered = 16;

    /// <summary>Entries for which there is no room and that are read all the same: a listing may have no end at all.</summary>
    private const int MaxPassedOver = 1_000_000;

    /// <summary>Deletions of files in flight: hides the round trip without hogging the connection.</summary>
    private const int MaxInFlight = 16;

    /// <summary>A folder that is still not empty after so many looks is filled by somebody else meanwhile.</summary>
    private const int MaxLooks = 3;

    // A stack instead of recursion: the server decides how deep the tree is.
    private readonly Stack<OpenFolder> _open = new();
    private int _remembered;
    private long _deleted;

    /// <summary>Entries that were removed so far.</summary>
    public long Deleted => Interlocked.Read(ref _deleted);

    /// <summary>Deletes <paramref name="root"/> and everything below it.</summary>
    /// <exception cref="BackendException">What went wrong first; the rest of the tree is still there.</exception>
    public async ValueTask RunAsync(RemotePath root, CancellationToken cancellationToken)
    {
        var entry = await connection.GetEntryAsync(root, followSymlink: false, cancellationToken);
        if (entry.Type != RemoteEntryType.Directory)
        {
            throw new BackendException(BackendError.NotADirectory, "This is not a folder; delete it under …/files/.") { Path = root };
        }

        _open.Push(new OpenFolder(root));
        while (_open.TryPeek(out var folder))
        {
            if (folder.Folders.TryDequeue(out var next))
            {
                _remembered--;
                _open.Push(new OpenFolder(next));
            }
            else if (folder.WasSeenWhole && await TryRemoveAsync(folder, cancellationToken))
            {
                _open.Pop();
            }
            else
            {
                await EmptyAsync(folder, cancellationToken);
            }
        }
    }

    private async ValueTask<bool> TryRemoveAsync(OpenFolder folder, CancellationToken cancellationToken)
    {
        require(folder.Path);
        try
        {
            await connection.DeleteDirectoryAsync(folder.Path, cancellationToken);
            Interlocked.Increment(ref _deleted);
            return true;
        }
        catch (BackendException exception) when (exception.Error == BackendError.NotFound && _open.Count > 1)
        {
            // Somebody else was faster.
            return true;
        }
        catch (BackendException exception) when (exception.Error == BackendError.NotEmpty && folder.Looks < MaxLooks)
        {
            // A server may skip entries of a folder that changes while it is read.
            return false;
        }
    }

    /// <summary>Deletes the files of a folder and remembers its folders.</summary>
    private async ValueTask EmptyAsync(OpenFolder folder, CancellationToken cancellationToken)
    {
        await RequireFolderAsync(folder.Path, cancellationToken);
        var files = new List<RemotePath>();
        var room = Math.Max(MinRemembered, MaxRemembered - _remembered);
        folder.WasSeenWhole = true;
        var passedOver = 0;

        // Read to its end even when there is no room, as a rule: giving up a listing costs an FTP server's connection.
        await foreach (var entry in connection.ListAsync(folder.Path, cancellationToken))
        {
            if (files.Count + folder.Folders.Count >= room)
            {
                folder.WasSeenWhole = false;
                if (++passedOver > MaxPassedOver)
                {
                    break;
                }

                continue;
            }

            var path = PathOf(folder.Path, entry);
            if (entry.Type == RemoteEntryType.Directory)
            {
                folder.Folders.Enqueue(path);
            }
            else
            {
                files.Add(path);
            }
        }

        _remembered += folder.Folders.Count;
        if (folder.WasSeenWhole)
        {
            folder.Looks++;
        }

        await DeleteFilesAsync(files, cancellationToken);
    }

    /// <summary>
    /// Between the listing that told of a folder and this moment, which may be long, somebody may have put a link in its place. Servers that
    /// tell no links apart are not asked: it would be answered as before.
    /// </summary>
    private async ValueTask RequireFolderAsync(RemotePath folder, CancellationToken cancellationToken)
    {
        if (_open.Count > 1 && connection.Capabilities.ResolvesSymlinks
            && (await connection.GetEntryAsync(folder, followSymlink: false, cancellationToken)).Type != RemoteEntryType.Directory)
        {
            throw new BackendException(BackendError.NotADirectory, "A folder of the tree was exchanged for something else while the tree was deleted.") { Path = folder };
        }
    }

    private static RemotePath PathOf(RemotePath folder, in RemoteEntry entry)
    {
        if (!entry.IsAddressable)
        {
            throw new BackendException(
                BackendError.NotEmpty, "The folder holds an entry whose name cannot be written in a path; it has to be removed on the server.") { Path = folder };
        }

        return folder.Value.Length + entry.Name.Length < RemotePath.MaxBytes
            ? folder.Append(entry.Name)
            : throw new BackendException(BackendError.InvalidPath, "The tree is deeper than a path can be long.") { Path = folder };
    }

    private async ValueTask DeleteFilesAsync(List<RemotePath> files, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = isParallel ? MaxInFlight : 1, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(files, options, async (file, token) =>
        {
            require(file);
            try
            {
                await connection.DeleteFileAsync(file, token);
                Interlocked.Increment(ref _deleted);
            }
            catch (BackendException exception) when (exception.Error == BackendError.NotFound)
            {
                // Somebody else was faster.
            }
        });
    }

    private sealed class OpenFolder(RemotePath path)
    {
        public RemotePath Path { get; } = path;

        public Queue<RemotePath> Folders { get; } = new();

        public bool WasSeenWhole { get; set; }

        public int Looks { get; set; }
    }
}
