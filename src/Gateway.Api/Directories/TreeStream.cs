using System.Text;
using Gateway.Api.Access;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// A listing under way, of a folder or of the tree below it: each folder whole, then the folders in it by name, one listing at a time on one
/// connection. Links are told and never followed. However large the tree is, a bounded number of names is remembered.
/// </summary>
/// <remarks>
/// It is open once the server has given the first entry, or said that there is none: what fails before can still be repeated, and answered
/// with a status. A folder in the tree that the account may not read is told as such; one that has gone meanwhile is passed over.
/// </remarks>
internal sealed class TreeStream : IAsyncDisposable
{
    private const int MaxRemembered = 50_000;
    private const int MinRemembered = 16;

    private readonly BackendConnection _connection;
    private readonly int _depth;
    private readonly PathAccess? _access;
    private readonly CancellationToken _cancellationToken;

    // A stack instead of recursion: the server decides how deep the tree is.
    private readonly Stack<OpenFolder> _open = new();
    private IAsyncEnumerator<RemoteEntry>? _entries;
    private bool _isAgain;
    private bool? _first;
    private int _remembered;

    private TreeStream(BackendConnection connection, RemotePath folder, int depth, PathAccess? access, CancellationToken cancellationToken)
    {
        (_connection, _depth, _access, _cancellationToken) = (connection, depth, access, cancellationToken);
        _open.Push(new OpenFolder(folder, ""));
        _entries = ListAsync(folder);
    }

    /// <summary>What <see cref="MoveNextAsync"/> came to.</summary>
    public TreeItem Current { get; private set; }

    /// <summary>Asks for the first entry.</summary>
    /// <param name="connection">The connection; nothing else of this lease may use it meanwhile.</param>
    /// <param name="folder">Where to begin.</param>
    /// <param name="depth">Folders below each other to list: 1 for the folder alone.</param>
    /// <param name="access">What the caller may see; the rest is passed over, and not entered. Null for everything.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="BackendException">The folder cannot be read.</exception>
    public static async ValueTask<TreeStream> OpenAsync(
        BackendConnection connection, RemotePath folder, int depth, PathAccess? access, CancellationToken cancellationToken)
    {
        var stream = new TreeStream(connection, folder, depth, access, cancellationToken);
        try
        {
            stream._first = await stream._entries!.MoveNextAsync();
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to the next entry.</summary>
    /// <returns>False where there is none.</returns>
    public async ValueTask<bool> MoveNextAsync()
    {
        while (true)
        {
            if (_entries is not null)
            {
                if (await TryReadAsync())
                {
                    return true;
                }

                continue;
            }

            if (!_open.TryPeek(out var folder))
            {
                return false;
            }

            if (folder.Folders.Take() is { } next)
            {
                _remembered--;
                if (!TryEnter(folder, next.Name))
                {
                    return true;
                }
            }
            else if (folder.Folders.HasForgotten)
            {
                folder.Folders.BeginAgain();
                _isAgain = true;
                _entries = ListAsync(folder.Path);
            }
            else
            {
                _open.Pop();
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => CloseListingAsync();

    /// <summary>Reads on in the listing that is open.</summary>
    /// <returns>Whether <see cref="Current"/> is something new.</returns>
    private async ValueTask<bool> TryReadAsync()
    {
        var folder = _open.Peek();
        bool isThere;
        try
        {
            isThere = _first ?? await _entries!.MoveNextAsync();
            _first = null;
        }
        catch (BackendException exception) when (!folder.HasBegun && _open.Count > 1 && IsOfTheFolder(exception))
        {
            await CloseListingAsync();
            _open.Pop();
            Current = new TreeItem(folder.Path, folder.Parent, default, exception);
            return exception.Error == BackendError.PermissionDenied;
        }

        folder.HasBegun = true;
        if (!isThere)
        {
            await CloseListingAsync();
            return false;
        }

        var entry = _entries!.Current;
        if (_access?.Shows(folder.Path, entry) == false)
        {
            return false;
        }

        if (entry is { Type: RemoteEntryType.Directory, IsAddressable: true } && _open.Count < _depth)
        {
            var before = folder.Folders.Count;
            folder.Folders.Add(entry, Math.Max(MinRemembered, MaxRemembered - _remembered + before));
            _remembered += folder.Folders.Count - before;
        }

        Current = new TreeItem(folder.Path, folder.Parent, entry);
        return !_isAgain;
    }

    private bool TryEnter(OpenFolder folder, string name)
    {
        if (Encoding.UTF8.GetByteCount(folder.Path.Value) + Encoding.UTF8.GetByteCount(name) >= RemotePath.MaxBytes)
        {
            var tooLong = new BackendException(BackendError.InvalidPath, "The tree is deeper than a path can be long.") { Path = folder.Path };
            Current = new TreeItem(folder.Path, folder.Parent, default, tooLong);
            return false;
        }

        var next = new OpenFolder(folder.Path.Append(name), folder.Parent.Length == 0 ? name : folder.Parent + "/" + name);
        _open.Push(next);
        _entries = ListAsync(next.Path);
        return true;
    }

    private IAsyncEnumerator<RemoteEntry> ListAsync(RemotePath folder) =>
        _connection.ListAsync(folder, _cancellationToken).GetAsyncEnumerator(_cancellationToken);

    private async ValueTask CloseListingAsync()
    {
        _isAgain = false;
        if (_entries is { } entries)
        {
            _entries = null;
            await entries.DisposeAsync();
        }
    }

    private static bool IsOfTheFolder(BackendException exception) =>
        exception.Error is BackendError.PermissionDenied or BackendError.NotFound or BackendError.NotADirectory;

    private sealed class OpenFolder(RemotePath path, string parent)
    {
        public RemotePath Path { get; } = path;

        public string Parent { get; } = parent;

        public PendingEntries Folders { get; } = new();

        public bool HasBegun { get; set; }
    }
}
