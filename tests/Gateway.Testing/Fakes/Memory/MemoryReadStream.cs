using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes.Memory;

/// <summary>A file of a <see cref="MemoryBackend"/>, open for reading.</summary>
internal sealed class MemoryReadStream : RemoteReadStream
{
    private readonly MemoryBackend _backend;
    private readonly MemoryConnection _connection;
    private readonly RemotePath _path;
    private readonly MemoryNode _node;
    private long _position;
    private long _end;
    private bool _isClosed;

    public MemoryReadStream(MemoryBackend backend, MemoryConnection connection, RemotePath path, MemoryNode node)
    {
        (_backend, _connection, _path, _node) = (backend, connection, path, node);
        _end = node.Content.Length;
        backend.CountRead(1);
    }

    public override RemoteEntry Entry => _node.Describe(_path.Name);

    public override int PreferredReadSize => _backend.ReadSize;

    public override void SelectRange(long offset, long? length)
    {
        _position = offset;
        _end = length is { } count ? Math.Min(offset + count, _node.Content.Length) : _node.Content.Length;
    }

    public override async ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken)
    {
        await _connection.DoAsync(MemoryOperation.GetEntry, _path, cancellationToken);
        return _backend.Get(_path, followSymlink: true).Describe(_path.Name);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = (int)Math.Min(Math.Min(buffer.Length, _backend.ReadSize), _end - _position);
        await _connection.DoAsync(count == 0 ? MemoryOperation.ReadEnd : MemoryOperation.Read, _path, cancellationToken);
        _node.Content.AsMemory((int)_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override ValueTask DisposeAsync()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _backend.CountRead(-1);
        }

        return default;
    }
}
