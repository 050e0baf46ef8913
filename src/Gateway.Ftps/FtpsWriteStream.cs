using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;

namespace Gateway.Ftps;

/// <summary>An upload into a temporary file beside the target.</summary>
internal sealed class FtpsWriteStream : RemoteWriteStream
{
    private readonly FtpsConnection _connection;
    private readonly RemotePath _path;
    private readonly WriteOptions _options;
    private readonly string _temporary;
    private readonly FtpUpload _upload;
    private long _length;
    private bool _isCommitting;
    private bool _isDone;

    public FtpsWriteStream(FtpsConnection connection, RemotePath path, WriteOptions options, string temporary, FtpUpload upload)
    {
        _connection = connection;
        _path = path;
        _options = options;
        _temporary = temporary;
        _upload = upload;
    }

    public override long Length => _length;

    /// <summary>Whole TLS records, several to a system call.</summary>
    public override int PreferredWriteSize => 8 * FtpDataConnection.RecordSize;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        if (_isCommitting || _isDone)
        {
            throw new InvalidOperationException("The upload has ended.");
        }

        try
        {
            await _upload.WriteAsync(data, cancellationToken);
            _length += data.Length;
        }
        catch (Exception e)
        {
            throw _connection.Explain(e, _path, cancellationToken);
        }
    }

    public override async ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken)
    {
        if (_isCommitting || _isDone)
        {
            throw new InvalidOperationException("The upload has ended.");
        }

        _isCommitting = true;
        if (_options.ExpectedLength is { } expected && expected != _length)
        {
            throw new BackendException(BackendError.PreconditionFailed, $"{_length} bytes arrived of the {expected} that were announced.") { Path = _path };
        }

        try
        {
            await _upload.FinishAsync(cancellationToken);
        }
        catch (Exception e)
        {
            throw _connection.Explain(e, _path, cancellationToken);
        }

        var result = await _connection.RunAsync(_path, token => _connection.CommitAsync(_path, _options, _temporary, _length, token), cancellationToken);
        _isDone = true;
        return result;
    }

    public override async ValueTask DisposeAsync()
    {
        await _upload.DisposeAsync();
        _connection.BreakIfEnded();
        if (!_isDone)
        {
            _isDone = true;
            await _connection.RemoveTemporaryAsync(_temporary);
        }
    }
}
