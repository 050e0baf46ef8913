using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gateway.Ftps.Transport;

namespace Gateway.Ftps.Protocol;

/// <summary>
/// One data connection with the exchange on the control channel that it belongs to. Both have to end well: the connection with a
/// close_notify, the exchange with a 226 or 250.
/// </summary>
internal sealed class FtpDataConnection : IAsyncDisposable
{
    /// <summary>Bytes of one TLS record (RFC 8446, 5.1).</summary>
    public const int RecordSize = 16 * 1024;

    /// <summary>Bytes that are read past after an upload. There should be none; more than these, and only the reply is waited for.</summary>
    private const int MaxDrained = 64 * 1024;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromMilliseconds(200);

    private readonly SslStream _tls;
    private readonly SocketStream _socket;
    private readonly FtpExchange _exchange;
    private readonly StallWatch _stall;
    private readonly TimeProvider _time;
    private byte[]? _partialRecord;
    private int _partialCount;
    private bool _isSending;
    private bool _isClosed;

    public FtpDataConnection(SslStream tls, SocketStream socket, FtpExchange exchange, StallWatch stall, TimeProvider time)
    {
        _tls = tls;
        _socket = socket;
        _exchange = exchange;
        _stall = stall;
        _time = time;
    }

    /// <summary>The command and its replies.</summary>
    public FtpExchange Exchange => _exchange;

    /// <summary>Reads decrypted bytes, as many as are there.</summary>
    /// <returns>0 only after the server's close_notify.</returns>
    /// <exception cref="FtpException">
    /// <see cref="FtpFailure.Truncated"/>: the connection ended without a close_notify; <see cref="FtpFailure.Timeout"/>: it stalled.
    /// </exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiting = _stall.Begin(cancellationToken);
        try
        {
            var total = 0;
            do
            {
                var read = await _tls.ReadAsync(buffer[total..], waiting);
                if (read == 0 && total == 0 && _socket.ReachedEnd)
                {
                    throw Truncated(null);
                }

                total += read;
                if (read == 0)
                {
                    break;
                }
            }
            while (total < buffer.Length && _socket.HasRecord);
            return total;
        }
        catch (OperationCanceledException e) when (_stall.HasStalled && !cancellationToken.IsCancellationRequested)
        {
            throw _stall.Explain(e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw Truncated(e);
        }
        finally
        {
            _stall.End();
        }
    }

    /// <summary>Encrypts and sends bytes, in whole records as far as possible.</summary>
    /// <exception cref="FtpException">The server refused the rest, the connection was lost, or it stalled.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // 4xx or 5xx while we send: the disk is full, say. Sending on would end in a reset that hides it.
        ThrowIfEndedEarly();
        _isSending = true;
        var waiting = _stall.Begin(cancellationToken);
        try
        {
            foreach (var segment in data)
            {
                await WriteSegmentAsync(segment, waiting);
            }

            await WritePartialAsync(waiting);
            await _socket.FlushAsync(waiting);
            _isSending = false;
        }
        catch (OperationCanceledException e) when (_stall.HasStalled && !cancellationToken.IsCancellationRequested)
        {
            throw _stall.Explain(e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw await ExplainBrokenWriteAsync(e, cancellationToken);
        }
        finally
        {
            _stall.End();
        }
    }

    /// <summary>Ends a download whose data came to its end: our close_notify, and the server's final reply.</summary>
    public async ValueTask<FtpReply> FinishReadingAsync(CancellationToken cancellationToken)
    {
        await CloseAsync();
        var reply = await ReadFinalReplyAsync(cancellationToken);
        ThrowUnlessComplete(reply);
        return reply;
    }

    /// <summary>
    /// Ends an upload: close_notify, FIN, then the server reads to the end and answers. Closing at once would turn what it has not read, or
    /// TLS 1.3 tickets that we have not read, into a reset that cuts the file's tail (vsftpd, pyftpdlib; the latter says 226 all the same).
    /// </summary>
    public async ValueTask FinishWritingAsync(CancellationToken cancellationToken)
    {
        ThrowIfEndedEarly();
        var waiting = _stall.Begin(cancellationToken);
        try
        {
            await _tls.ShutdownAsync().WaitAsync(waiting);
            await _socket.FlushAsync(waiting);
            _socket.EndSending();
            await DrainAsync(waiting);
        }
        catch (OperationCanceledException e) when (_stall.HasStalled && !cancellationToken.IsCancellationRequested)
        {
            throw _stall.Explain(e);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw await ExplainBrokenWriteAsync(e, cancellationToken);
        }
        finally
        {
            _stall.End();
        }

        var reply = await ReadFinalReplyAsync(cancellationToken);
        await CloseAsync();
        ThrowUnlessComplete(reply);
    }

    /// <summary>Closes the connection, in the middle maybe. The exchange may still be owed its final reply.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _stall.Dispose();
    }

    /// <summary>Small pieces are gathered to a record; whole records go as they are.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteSegmentAsync(ReadOnlyMemory<byte> segment, CancellationToken cancellationToken)
    {
        while (!segment.IsEmpty)
        {
            if (_partialCount == 0 && segment.Length >= RecordSize)
            {
                var whole = segment.Length - (segment.Length % RecordSize);
                await _tls.WriteAsync(segment[..whole], cancellationToken);
                segment = segment[whole..];
                continue;
            }

            _partialRecord ??= ArrayPool<byte>.Shared.Rent(RecordSize);
            var count = Math.Min(segment.Length, RecordSize - _partialCount);
            segment.Span[..count].CopyTo(_partialRecord.AsSpan(_partialCount));
            _partialCount += count;
            segment = segment[count..];
            if (_partialCount == RecordSize)
            {
                await WritePartialAsync(cancellationToken);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WritePartialAsync(CancellationToken cancellationToken)
    {
        if (_partialCount > 0)
        {
            var count = _partialCount;
            _partialCount = 0;
            await _tls.WriteAsync(_partialRecord.AsMemory(0, count), cancellationToken);
        }
    }

    /// <summary>Reads until the server closes its side or has answered. What comes is tickets and its close_notify; data would be absurd.</summary>
    private async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(RecordSize);
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = CancelWhenAnsweredAsync(answered);
        try
        {
            for (var total = 0; total < MaxDrained && await _tls.ReadAsync(buffer, answered.Token) is > 0 and var read;)
            {
                total += read;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Answered, or closed without ceremony: the reply decides.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await answered.CancelAsync();
            await watching;
        }
    }

    private async Task CancelWhenAnsweredAsync(CancellationTokenSource answered)
    {
        await Task.WhenAny(_exchange.Final, Task.Delay(Timeout.Infinite, answered.Token));
        await answered.CancelAsync();
    }

    /// <summary>Waits for the reply that ends the exchange.</summary>
    private async ValueTask<FtpReply> ReadFinalReplyAsync(CancellationToken cancellationToken)
    {
        var waiting = _stall.Begin(cancellationToken);
        try
        {
            return await _exchange.Final.WaitAsync(waiting);
        }
        catch (OperationCanceledException e) when (_stall.HasStalled && !cancellationToken.IsCancellationRequested)
        {
            throw _stall.Explain(e);
        }
        finally
        {
            _stall.End();
        }
    }

    private void ThrowIfEndedEarly()
    {
        if (_exchange.Failure is { } failure)
        {
            throw failure.Copy();
        }

        if (_exchange.Answer is { } reply)
        {
            throw reply.IsRefusal ? FtpException.RefusedTransfer(_exchange.Command, reply) : FtpException.Unexpected(_exchange.Command, reply);
        }
    }

    /// <summary>A write fails when the server closes the data connection; its reply, which says why, comes at about the same time.</summary>
    private async ValueTask<FtpException> ExplainBrokenWriteAsync(Exception error, CancellationToken cancellationToken)
    {
        try
        {
            await CloseAsync();
            var reply = await ReadFinalReplyAsync(cancellationToken);
            return reply.IsRefusal && reply.Code != 426
                ? FtpException.RefusedTransfer(_exchange.Command, reply)
                : new FtpException(FtpFailure.Truncated, "The server closed the data connection before the upload's end.", error) { Reply = reply };
        }
        catch (FtpException e)
        {
            return e;
        }
    }

    private void ThrowUnlessComplete(FtpReply reply)
    {
        if (reply.Code is not (226 or 250))
        {
            throw reply.IsRefusal ? FtpException.RefusedTransfer(_exchange.Command, reply) : FtpException.Unexpected(_exchange.Command, reply);
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        if (!_isSending)
        {
            try
            {
                // Also in the middle: a server's OpenSSL drops a session whose connection ends without, and then refuses the next one. A
                // short record: where the send buffer does not take even that, the socket is closed below.
                using var limit = new CancellationTokenSource(CloseTimeout, _time);
                await _tls.ShutdownAsync();
                await _socket.FlushAsync(limit.Token);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
                // The server has closed already.
            }
        }

        await _socket.DisposeAsync();
        await _tls.DisposeAsync();
        if (_partialRecord is not null && !_isSending)
        {
            ArrayPool<byte>.Shared.Return(_partialRecord);
            _partialRecord = null;
        }
    }

    private static FtpException Truncated(Exception? error) =>
        new(FtpFailure.Truncated, "The data connection was cut: it ended without the TLS closing message that proves its end.", error);
}
