using System.Buffers;
using System.Runtime.ExceptionServices;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// Writes an open file from its start, with WRITEs in flight that the server has not acknowledged yet. One caller, one write at a time.
/// </summary>
internal sealed partial class SftpFileWriter : IAsyncDisposable
{
    private const int MaxInFlight = 4 * 1024 * 1024;

    /// <summary>Bytes that the server copies at once: some milliseconds of a disk's time, and seconds of a slow one's.</summary>
    private const long CopyPiece = 4 * 1024 * 1024;

    /// <summary>The next piece is there when the server has finished one: hides the round trip.</summary>
    private const int PiecesInFlight = 2;

    private readonly SftpChannel _channel;
    private readonly SftpHandle _handle;
    private readonly SftpWritePayload _payload = new();
    private readonly Queue<SftpRequest> _unacknowledged = new();
    private readonly int _window;
    private bool _closed;

    /// <param name="channel">The channel that opened the file.</param>
    /// <param name="handle">The open file; closed by <see cref="FinishAsync"/> or <see cref="DisposeAsync"/>.</param>
    public SftpFileWriter(SftpChannel channel, SftpHandle handle)
    {
        _channel = channel;
        _handle = handle;
        _window = Math.Clamp(MaxInFlight / channel.Limits.MaxWrite, 16, 64);
    }

    /// <summary>Bytes sent so far.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that fill one WRITE.</summary>
    public int PreferredWriteSize => _channel.Limits.MaxWrite;

    /// <summary>Sends <paramref name="data"/>; on return its memory is free again. Throws an earlier write's failure.</summary>
    public async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            if (_everUsed.Count > 0 && await TryWriteOnLaneAsync(data, cancellationToken) is > 0 and var written)
            {
                data = data.Slice(written);
                continue;
            }

            while (_unacknowledged.TryPeek(out var oldest) && (oldest.IsDone || _unacknowledged.Count >= Window))
            {
                await TakeAcknowledgementAsync(cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            var part = data.Slice(0, Math.Min(data.Length, _channel.Limits.MaxWrite));
            var offset = Length;
            Length += part.Length;
            _unacknowledged.Enqueue(_channel.Write(_handle, offset, part, _payload));
            _channel.FlushHere();
            await _payload.WaitSentAsync();
            data = data.Slice(part.Length);
        }
    }

    /// <summary>
    /// Lets the server copy <paramref name="size"/> bytes from another open file, in pieces: a server does nothing else meanwhile, and so
    /// other requests on the connection, a caller that leaves, and deadlines get their turn between two.
    /// </summary>
    /// <returns>False, with nothing done, where the server does not do it after all.</returns>
    public async ValueTask<bool> TryCopyAsync(SftpHandle source, long size, CancellationToken cancellationToken)
    {
        while (Length < size)
        {
            while (_unacknowledged.Count >= PiecesInFlight)
            {
                await TakeAcknowledgementAsync(cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            var length = Math.Min(size - Length, CopyPiece);
            _unacknowledged.Enqueue(_channel.CopyData(source, Length, length, _handle, Length));
            _channel.Flush();
            if (Length == 0)
            {
                try
                {
                    await TakeAcknowledgementAsync(cancellationToken);
                }
                catch (SftpStatusException e) when (e.Code == SftpStatusCode.OperationUnsupported)
                {
                    return false;
                }
            }

            Length += length;
        }

        return true;
    }

    /// <summary>
    /// Waits for every acknowledgement, flushes to the server's disk where that is wanted, and closes.
    /// </summary>
    /// <returns>The length that the server reports for the open file; null where it does not.</returns>
    public async ValueTask<long?> FinishAsync(CancellationToken cancellationToken)
    {
        ThrowLaneFailure();
        while (_unacknowledged.Count > 0)
        {
            await TakeAcknowledgementAsync(cancellationToken);
        }

        var synced = _channel.FlushesToDisk ? _channel.Fsync(_handle) : null;
        var stat = _channel.FStat(_handle);
        var close = _channel.Close(_handle);
        _closed = true;
        _channel.Flush();

        // All three are on their way and must be awaited; the first failure counts. CLOSE reports what the disk refused late.
        var syncing = synced?.TakeOkAsync(cancellationToken) ?? ValueTask.CompletedTask;
        var measuring = stat.TakeAttributesAsync(cancellationToken);
        var closing = close.TakeOkAsync(cancellationToken);
        var syncFailure = await syncing.SettleAsync();
        var measured = await measuring.SettleAsync();
        var closeFailure = await closing.SettleAsync();

        // Not every server has FSTAT; then the caller measures by name.
        var measureFailure = measured.Error is SftpStatusException ? null : measured.Error;
        if ((syncFailure ?? closeFailure ?? measureFailure) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return measured.IsValue ? measured.Value.Length : null;
    }

    public ValueTask DisposeAsync()
    {
        while (_unacknowledged.TryDequeue(out var request))
        {
            request.Release();
        }

        if (!_closed)
        {
            _closed = true;
            try
            {
                _channel.Close(_handle).Release();
                _channel.Flush();
            }
            catch (SftpChannelException)
            {
                // The handle died with its channel.
            }
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask TakeAcknowledgementAsync(CancellationToken cancellationToken) =>
        _unacknowledged.Dequeue().TakeOkAsync(cancellationToken);
}
