using System.Buffers;
using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes.Memory;

/// <summary>An upload to a <see cref="MemoryBackend"/>.</summary>
internal sealed class MemoryWriteStream : RemoteWriteStream
{
    private readonly MemoryBackend _backend;
    private readonly MemoryConnection _connection;
    private readonly RemotePath _path;
    private readonly WriteOptions _options;
    private readonly ArrayBufferWriter<byte> _content = new();
    private bool _isClosed;

    public MemoryWriteStream(MemoryBackend backend, MemoryConnection connection, RemotePath path, WriteOptions options)
    {
        (_backend, _connection, _path, _options) = (backend, connection, path, options);
        backend.CountUpload(1);
    }

    public override long Length => _content.WrittenCount;

    public override int PreferredWriteSize => 32 * 1024;

    public override async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        await _connection.DoAsync(MemoryOperation.Write, _path, cancellationToken);
        foreach (var segment in data)
        {
            _content.Write(segment.Span);
        }
    }

    public override async ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken)
    {
        await _connection.DoAsync(MemoryOperation.Commit, _path, cancellationToken);
        if (_options.ExpectedLength is { } expected && expected != Length)
        {
            throw new BackendException(BackendError.ProtocolError, "The upload has another length than was announced.") { Path = _path };
        }

        if (_options.MayReplace is { } mayReplace && !mayReplace(_backend.Find(_path.Value)?.Describe(_path.Name)))
        {
            throw new BackendException(BackendError.PreconditionFailed, "The file is another than before.") { Path = _path };
        }

        var node = new MemoryNode
        {
            Type = RemoteEntryType.File,
            Content = _content.WrittenSpan.ToArray(),
            Modified = MemoryBackend.WholeSeconds(_options.Modified ?? _backend.Time.GetUtcNow()),
            Permissions = 0b110_100_100,
        };
        var created = _backend.Put(_path, node, _options.Overwrite);
        Close();
        return new CommitResult(created, node.Describe(_path.Name));
    }

    public override ValueTask DisposeAsync()
    {
        Close();
        return default;
    }

    private void Close()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _backend.CountUpload(-1);
        }
    }
}
