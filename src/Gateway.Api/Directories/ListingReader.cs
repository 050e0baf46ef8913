using Gateway.Api.Access;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Directories;

/// <summary>Reads whole listings into memory, of which large ones take some: only a few of those at the same time.</summary>
internal sealed class ListingReader(ConnectionBroker broker) : IDisposable
{
    /// <summary>The largest listing that is read whole; larger ones are for NDJSON.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>The most bytes that the names of such a listing may take: an average of 256 for each.</summary>
    private const long MaxNameBytes = 256L * MaxEntries;

    /// <summary>From here on a listing waits for its turn.</summary>
    private const int LargeEntries = 100_000;

    /// <summary>The same for the bytes of its names.</summary>
    private const long LargeNameBytes = 256L * LargeEntries;

    private readonly SemaphoreSlim _large = new(2);

    /// <summary>Reads a folder, or the tree below it.</summary>
    /// <param name="backend">The backend's name.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="depth">Folders below each other: 1 for the folder alone.</param>
    /// <param name="access">What is to be read of it; null for everything.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="BackendException">The backend failed.</exception>
    /// <exception cref="ProblemException">The listing is too large.</exception>
    public ValueTask<ListingTable> ReadAsync(string backend, RemotePath folder, int depth, PathAccess? access, CancellationToken cancellationToken) =>
        broker.RunAsync(backend, (connection, token) => ReadAsync(connection, folder, depth, access, token), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _large.Dispose();

    private async ValueTask<ListingTable> ReadAsync(BackendConnection connection, RemotePath folder, int depth, PathAccess? access, CancellationToken cancellationToken)
    {
        var table = new ListingTable.Builder();
        using var turn = new Turn(_large);
        await (depth == 1 && access is null
            ? ReadFolderAsync(connection, folder, table, turn, cancellationToken)
            : ReadTreeAsync(connection, folder, depth, access, table, turn, cancellationToken));
        return table.Build();
    }

    private static async ValueTask ReadFolderAsync(
        BackendConnection connection, RemotePath folder, ListingTable.Builder table, Turn turn, CancellationToken cancellationToken)
    {
        await foreach (var batch in connection.ListBatchesAsync(folder, cancellationToken))
        {
            await turn.MakeRoomAsync(table, batch.Length, cancellationToken);
            table.Add(batch.Span);
        }
    }

    private static async ValueTask ReadTreeAsync(
        BackendConnection connection, RemotePath folder, int depth, PathAccess? access, ListingTable.Builder table, Turn turn, CancellationToken cancellationToken)
    {
        await using var tree = await TreeStream.OpenAsync(connection, folder, depth, access, cancellationToken);
        while (await tree.MoveNextAsync())
        {
            if (tree.Current.Unreadable is { } unreadable)
            {
                table.AddUnreadable(unreadable);
                continue;
            }

            await turn.MakeRoomAsync(table, 1, cancellationToken);
            table.Add(tree.Current.Parent, tree.Current.Entry);
        }
    }

    /// <summary>The right to read a large listing, held from the entry on that makes it large.</summary>
    private sealed class Turn(SemaphoreSlim large) : IDisposable
    {
        private bool _isTaken;

        /// <summary>Before <paramref name="more"/> entries are added: whether they may be, and waits for the turn where they make it large.</summary>
        public ValueTask MakeRoomAsync(ListingTable.Builder table, int more, CancellationToken cancellationToken)
        {
            if ((long)table.Count + more > MaxEntries || table.NameBytes > MaxNameBytes)
            {
                throw new ProblemException(
                    ProblemTypes.InvalidRequest, $"There are more than {MaxEntries} entries, or of very long names; ask for them with Accept: application/x-ndjson.");
            }

            return _isTaken || ((long)table.Count + more <= LargeEntries && table.NameBytes <= LargeNameBytes)
                ? ValueTask.CompletedTask
                : TakeAsync(cancellationToken);
        }

        public void Dispose()
        {
            if (_isTaken)
            {
                large.Release();
            }
        }

        private async ValueTask TakeAsync(CancellationToken cancellationToken)
        {
            await large.WaitAsync(cancellationToken);
            _isTaken = true;
        }
    }
}
