using System.Buffers;

namespace Gateway.Sftp.Protocol;

/// <summary>A further connection that writes a file which another one created: it has the file open, and WRITEs in flight.</summary>
/// <remarks>
/// The writer uses it until it is taken out (<see cref="SftpFileWriter.Remove"/>), then whoever disposes it waits for the rest of the
/// acknowledgements; the turn keeps the two apart.
/// </remarks>
internal sealed class SftpWriteLane : IAsyncDisposable
{
    private readonly SftpChannel _channel;
    private readonly SftpHandle _handle;
    private readonly SftpWritePayload _payload = new();
    private readonly Queue<SftpRequest> _unacknowledged = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly int _window;

    /// <param name="channel">The channel that opened the file.</param>
    /// <param name="handle">The open file; closed by <see cref="DisposeAsync"/>.</param>
    public SftpWriteLane(SftpChannel channel, SftpHandle handle)
    {
        _channel = channel;
        _handle = handle;
        _window = WindowOf(channel);
    }

    /// <summary>WRITEs that are within OpenSSH's window of 2 MiB: they never wait in a pipe, where they would keep other connections waiting.</summary>
    public static int WindowOf(SftpChannel channel) => Math.Max(1, 2 * 1024 * 1024 / channel.Limits.MaxWrite);

    /// <summary>Whether nothing more may be written. Guarded by the turn.</summary>
    public bool IsOut { get; set; }

    /// <summary>Why what was written is not stored; null while all is well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether all that was written there is stored, and nothing more will be.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Writes the next bytes, if there is room.</summary>
    /// <returns>How many; 0 where there is no room, or not any more.</returns>
    public async ValueTask<int> TryWriteAsync(ReadOnlySequence<byte> data, long offset, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (_unacknowledged.TryPeek(out var oldest) && oldest.IsDone)
            {
                await _unacknowledged.Dequeue().TakeOkAsync(CancellationToken.None);
            }

            if (IsOut || _unacknowledged.Count >= _window)
            {
                return 0;
            }

            var part = data.Slice(0, Math.Min(data.Length, _channel.Limits.MaxWrite));
            _unacknowledged.Enqueue(_channel.Write(_handle, offset, part, _payload));
            _channel.FlushHere();
            await _payload.WaitSentAsync();
            return (int)part.Length;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Failure ??= failure;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits for the acknowledgements that are owed, and closes the file. Never throws; <see cref="Failure"/> tells.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        try
        {
            IsOut = true;
            while (_unacknowledged.TryDequeue(out var request))
            {
                if (await request.TakeOkAsync(CancellationToken.None).SettleAsync() is { } failure)
                {
                    Failure ??= failure;
                }
            }

            var close = _channel.Close(_handle);
            _channel.Flush();

            // What the disk refused late is said here.
            if (await close.TakeOkAsync(CancellationToken.None).SettleAsync() is { } late)
            {
                Failure ??= late;
            }

            IsSettled = Failure is null;
        }
        catch (SftpChannelException ended)
        {
            Failure ??= ended;
        }
        finally
        {
            _turn.Release();
        }
    }
}
