using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// A listing under way. It is open once the server has given its first entry, or said that there is none: what fails before
/// can still be repeated, and answered with a status.
/// </summary>
internal sealed class ListingStream : IAsyncDisposable
{
    private readonly IAsyncEnumerator<RemoteEntry> _entries;
    private bool _hasFirst;
    private bool _isFirst = true;

    private ListingStream(IAsyncEnumerator<RemoteEntry> entries) => _entries = entries;

    /// <summary>The entry that <see cref="MoveNextAsync"/> came to.</summary>
    public RemoteEntry Current => _entries.Current;

    /// <summary>Asks for the first entry.</summary>
    public static async ValueTask<ListingStream> OpenAsync(BackendConnection connection, RemotePath folder, CancellationToken cancellationToken)
    {
        var stream = new ListingStream(connection.ListAsync(folder, cancellationToken).GetAsyncEnumerator(cancellationToken));
        try
        {
            stream._hasFirst = await stream._entries.MoveNextAsync();
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
    public ValueTask<bool> MoveNextAsync()
    {
        if (!_isFirst)
        {
            return _entries.MoveNextAsync();
        }

        _isFirst = false;
        return ValueTask.FromResult(_hasFirst);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _entries.DisposeAsync();
}
