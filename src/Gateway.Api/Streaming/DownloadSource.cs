using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Streaming;

/// <summary>A file that is being downloaded, with the lease it takes. Several ranges of it are of one content, or fail.</summary>
internal sealed class DownloadSource : IAsyncDisposable
{
    private readonly ConnectionBroker _broker;
    private readonly string _backend;
    private readonly RemotePath _path;
    private readonly RemoteReadStream _first;
    private Leased<RemoteReadStream> _opened;
    private bool _isSelected;

    /// <param name="broker">Gives leases.</param>
    /// <param name="backend">The backend's name.</param>
    /// <param name="path">The file.</param>
    /// <param name="opened">The open file; owned from here on.</param>
    public DownloadSource(ConnectionBroker broker, string backend, RemotePath path, Leased<RemoteReadStream> opened)
    {
        (_broker, _backend, _path, _opened) = (broker, backend, path, opened);
        _first = opened.Value;
    }

    /// <summary>The file's metadata when it was opened first.</summary>
    public RemoteEntry Entry => _first.Entry;

    /// <summary>The open file.</summary>
    public RemoteReadStream Stream => _opened.Value;

    /// <summary>Chooses the range that is read next; the one before was read to its end.</summary>
    /// <exception cref="BackendException"><see cref="BackendError.PreconditionFailed"/>: the file is another by now.</exception>
    public async ValueTask SelectAsync(ByteRange range, CancellationToken cancellationToken)
    {
        if (_isSelected)
        {
            await RequireUnchangedAsync(cancellationToken);
        }

        _isSelected = true;
        Stream.SelectRange(range.Offset, range.Length);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _opened.DisposeAsync();

    private async ValueTask RequireUnchangedAsync(CancellationToken cancellationToken)
    {
        RemoteEntry now;
        try
        {
            now = await Stream.GetCurrentEntryAsync(cancellationToken);
        }
        catch (BackendException exception) when (exception.IsConnectionFailure)
        {
            // Some FTP servers end the whole session where a transfer ends before the file does.
            await _opened.DisposeAsync();
            _opened = await _broker.OpenReadAsync(_backend, _path, cancellationToken);
            now = Stream.Entry;
        }

        if (now.Type != Entry.Type || now.Size != Entry.Size || now.Modified != Entry.Modified)
        {
            throw new BackendException(BackendError.PreconditionFailed, "The file changed between two ranges of one request.") { Path = _path };
        }
    }
}
