using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gateway.Ftps.Transport;

/// <summary>
/// The raw stream under TLS. It notes how the peer ended the connection, because <c>SslStream</c> reads 0 both after a close_notify and
/// after a cut at a record's border (measured); only a raw end of file without a close_notify before it tells a truncation. It also
/// gathers: <c>SslStream</c> asks for and gives one record of 16 KiB at a time.
/// </summary>
internal sealed class SocketStream : Stream
{
    /// <summary>The longest TLS record (RFC 8446, 5.2; RFC 5246, 6.2.3) with its header.</summary>
    private const int MaxRecord = 5 + (16 * 1024) + 2048;

    private readonly Socket _socket;
    private readonly int _bufferSize;
    private byte[]? _received;
    private int _receivedStart;
    private int _receivedEnd;
    private byte[]? _unsent;
    private int _unsentCount;
    private int _operations;
    private bool _disposed;
    private int _firstByte = -1;

    /// <param name="socket">Connected; closed with the stream.</param>
    /// <param name="bufferSize">Bytes gathered each way; 0: nothing is gathered.</param>
    public SocketStream(Socket socket, int bufferSize = 0)
    {
        _socket = socket;
        _bufferSize = bufferSize;
    }

    /// <summary>Whether a read met the end of the TCP stream.</summary>
    public bool ReachedEnd { get; private set; }

    /// <summary>Whether a whole TLS record certainly waits, here or in the socket, so that a read of the stream above ends at once.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public bool HasRecord
    {
        get
        {
            var received = _receivedEnd - _receivedStart;
            try
            {
                return received >= MaxRecord || received + _socket.Available >= MaxRecord;
            }
            catch (SocketException e)
            {
                throw new IOException("The connection was lost.", e);
            }
        }
    }

    /// <summary>Whether what came since <see cref="ExpectTls"/> begins like a TLS record: an alert or a handshake message.</summary>
    public bool IsAnsweredWithTls => _firstByte is 0x15 or 0x16;

    /// <summary>Called with the number of bytes that moved.</summary>
    public Action<int>? Progress { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_receivedStart < _receivedEnd)
        {
            return TakeReceived(buffer.Span);
        }

        if (_bufferSize == 0 || buffer.IsEmpty)
        {
            return await ReceiveAsync(buffer, cancellationToken);
        }

        _received ??= ArrayPool<byte>.Shared.Rent(_bufferSize);
        _receivedStart = _receivedEnd = 0;
        _receivedEnd = await ReceiveAsync(_received, cancellationToken);
        return TakeReceived(buffer.Span);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_bufferSize == 0)
        {
            await SendAsync(buffer, cancellationToken);
            return;
        }

        if (_unsentCount + buffer.Length > _bufferSize)
        {
            await FlushAsync(cancellationToken);
        }

        if (buffer.Length >= _bufferSize)
        {
            await SendAsync(buffer, cancellationToken);
            return;
        }

        _unsent ??= ArrayPool<byte>.Shared.Rent(_bufferSize);
        buffer.Span.CopyTo(_unsent.AsSpan(_unsentCount));
        _unsentCount += buffer.Length;
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_unsentCount > 0)
        {
            var count = _unsentCount;
            _unsentCount = 0;
            await SendAsync(_unsent.AsMemory(0, count), cancellationToken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>From here on the peer should speak TLS.</summary>
    public void ExpectTls() => _firstByte = -1;

    /// <summary>Sends FIN: the peer sees the end, and can still answer.</summary>
    /// <exception cref="SocketException">The connection is gone.</exception>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _socket.Dispose();

            // A buffer that the kernel may still use is left to the garbage collector.
            if (Volatile.Read(ref _operations) == 0)
            {
                Return(ref _received);
                Return(ref _unsent);
            }
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _operations);
        try
        {
            var received = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            if (received > 0)
            {
                _firstByte = _firstByte < 0 ? buffer.Span[0] : _firstByte;
                Progress?.Invoke(received);
            }
            else if (!buffer.IsEmpty)
            {
                ReachedEnd = true;
            }

            return received;
        }
        catch (SocketException e)
        {
            ReachedEnd = true;
            throw new IOException("The connection was lost.", e);
        }
        finally
        {
            Interlocked.Decrement(ref _operations);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _operations);
        try
        {
            while (!buffer.IsEmpty)
            {
                var sent = await _socket.SendAsync(buffer, SocketFlags.None, cancellationToken);
                buffer = buffer[sent..];
                Progress?.Invoke(sent);
            }
        }
        catch (SocketException e)
        {
            throw new IOException("The connection was lost.", e);
        }
        finally
        {
            Interlocked.Decrement(ref _operations);
        }
    }

    private int TakeReceived(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _receivedEnd - _receivedStart);
        _received.AsSpan(_receivedStart, count).CopyTo(buffer);
        _receivedStart += count;
        return count;
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }
}
