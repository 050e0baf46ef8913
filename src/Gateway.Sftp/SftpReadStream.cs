using System.Runtime.CompilerServices;
using Gateway.Broker.Async;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <summary>A file being read, in the broker's terms: over its connection, or over several once others have joined.</summary>
internal sealed class SftpReadStream(SftpConnection connection, RemotePath path, RemoteEntry entry, SftpFileReader reader) : RemoteReadStream
{
    private SftpStripedReader? _striped;

    public override RemoteEntry Entry => entry;

    /// <summary>The connection that opened it.</summary>
    public SftpConnection Connection => connection;

    /// <summary>The open file; null where it was read to its end.</summary>
    public SftpHandle? Handle => reader.Handle;

    public override int PreferredReadSize => _striped?.PreferredReadSize ?? reader.PreferredReadSize;

    public override bool AllowSynchronousContinuations
    {
        get => reader.AllowSynchronousContinuations;
        set => reader.AllowSynchronousContinuations = value;
    }

    private SftpChannel Channel => reader.Channel;

    public override void SelectRange(long offset, long? length)
    {
        if (_striped is { } striped)
        {
            striped.Select(offset, length);
        }
        else
        {
            reader.Select(offset, length);
        }
    }

    public override ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken) =>
        connection.GetOpenEntryAsync(path, reader, cancellationToken);

    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return _striped is { } striped ? await striped.ReadAsync(buffer, cancellationToken) : await reader.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw connection.Explain(e, path);
        }
    }

    public override bool TryJoin(RemoteReadStream member)
    {
        if (member is not SftpReadStream { Handle: { } handle } other || Handle is not { } own)
        {
            return false;
        }

        _striped ??= SftpStripedReader.TakeOver(reader, own, entry.Size, Channel.Time);
        _striped?.Add(other.Channel, handle);
        return _striped is not null;
    }

    public override void Part(RemoteReadStream member)
    {
        if (member is SftpReadStream { Handle: { } handle } other)
        {
            _striped?.Remove(other.Channel, handle);
        }
    }

    public override long? Curtail() => _striped is null ? reader.Curtail() : null;

    public override ValueTask DisposeAsync()
    {
        _striped?.Dispose();
        return reader.DisposeAsync();
    }
}
