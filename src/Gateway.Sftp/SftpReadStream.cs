using System.Runtime.CompilerServices;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <summary>A file being read, in the broker's terms.</summary>
internal sealed class SftpReadStream(SftpConnection connection, RemotePath path, RemoteEntry entry, SftpFileReader reader) : RemoteReadStream
{
    public override RemoteEntry Entry => entry;

    /// <summary>The connection that opened it.</summary>
    public SftpConnection Connection => connection;

    /// <summary>The open file; null where it was read to its end.</summary>
    public SftpHandle? Handle => reader.Handle;

    public override int PreferredReadSize => reader.PreferredReadSize;

    public override void SelectRange(long offset, long? length) => reader.Select(offset, length);

    public override ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken) =>
        connection.GetOpenEntryAsync(path, reader, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw connection.Explain(e, path);
        }
    }

    public override ValueTask DisposeAsync() => reader.DisposeAsync();
}
