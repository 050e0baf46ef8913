using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gateway.Sftp.Protocol;

/// <content>Requests out: the table of requests, the shared send buffer, and the send loop.</content>
internal sealed partial class SftpChannel
{
    private const int MaxRequests = 4096;
    private const int KeptSendBuffer = 64 * 1024;

    private readonly SftpRequest?[] _requests = new SftpRequest?[MaxRequests];
    private readonly Stack<SftpRequest> _freeRequests = new();
    private readonly Queue<SftpWritePayload> _payloads = new();

    private uint _uses;
    private int _requestsMade;
    private int _owed;
    private long _bytesInFlight;
    private byte[] _sendBuffer = new byte[4096];
    private byte[] _spareBuffer = new byte[4096];
    private int _sendLength;
    private bool _sending;
    private bool _closed;

    /// <summary>Sends what has been appended. Without it a request stays in the buffer until somebody else flushes.</summary>
    public void Flush()
    {
        if (TryBeginSending())
        {
            QueueSendLoop();
        }
    }

    /// <summary>
    /// As <see cref="Flush"/>, and starts on the caller's thread. For a payload, which fills a send by itself: it gains nothing by waiting for
    /// what others append, and two changes of threads cost more than what they would bring.
    /// </summary>
    public void FlushHere()
    {
        if (TryBeginSending())
        {
            _ = SendLoopAsync(onLoan: true);
        }
    }

    private bool TryBeginSending()
    {
        lock (_gate)
        {
            return !_sending && !_closed && (_sendLength > 0 || _payloads.Count > 0) && (_sending = true);
        }
    }

    private void QueueSendLoop() =>
        ThreadPool.UnsafeQueueUserWorkItem(static channel => _ = channel.SendLoopAsync(onLoan: false), this, preferLocal: false);

    internal void Recycle(SftpRequest request)
    {
        lock (_gate)
        {
            _freeRequests.Push(request);
        }
    }

    /// <summary>Starts a packet: header and id. Under <see cref="_gate"/>.</summary>
    /// <param name="type">The packet's type.</param>
    /// <param name="bodyLength">Bytes behind the id.</param>
    /// <param name="body">Where they go.</param>
    private SftpRequest Begin(SftpPacketType type, int bodyLength, out Span<byte> body)
    {
        var request = NewRequest(type);
        var packet = Append(9 + bodyLength);
        WriteHeader(packet, type, request.Id, bodyLength);
        body = packet[9..];
        return request;
    }

    private SftpRequest NewRequest(SftpPacketType type)
    {
        if (_closed)
        {
            throw new SftpChannelException(_reason!);
        }

        if (!_freeRequests.TryPop(out var request))
        {
            // Leases per connection times the widest window stays far below this: the server leaves requests unanswered.
            if (_requestsMade == MaxRequests)
            {
                var reason = new SftpProtocolException($"The server owes the answers to {MaxRequests} requests.");
                Abort(reason);
                throw new SftpChannelException(_reason ?? reason);
            }

            request = new SftpRequest(this, _requestsMade);
            _requests[_requestsMade++] = request;
        }

        // The slot is in the id, so that a reply finds its request without a search; the rest of it tells uses of the slot apart.
        request.Begin((++_uses * MaxRequests) + (uint)request.Slot, type, _time.GetTimestamp());
        Interlocked.Increment(ref _owed);
        return request;
    }

    private Span<byte> Append(int length)
    {
        if (_sendBuffer.Length - _sendLength < length)
        {
            Array.Resize(ref _sendBuffer, Math.Max(_sendBuffer.Length * 2, _sendLength + length));
        }

        var packet = _sendBuffer.AsSpan(_sendLength, length);
        _sendLength += length;
        return packet;
    }

    private static void WriteHeader(Span<byte> packet, SftpPacketType type, uint id, int bodyLength)
    {
        BinaryPrimitives.WriteInt32BigEndian(packet, 5 + bodyLength);
        packet[4] = (byte)type;
        BinaryPrimitives.WriteUInt32BigEndian(packet[5..], id);
    }

    private static Span<byte> Put(Span<byte> target, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, value);
        return target[4..];
    }

    private static Span<byte> Put(Span<byte> target, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, value);
        return target[8..];
    }

    private static Span<byte> Put(Span<byte> target, ReadOnlySpan<byte> text)
    {
        target = Put(target, (uint)text.Length);
        text.CopyTo(target);
        return target[text.Length..];
    }

    private static Span<byte> Put(Span<byte> target, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, target[4..]);
        BinaryPrimitives.WriteInt32BigEndian(target, length);
        return target[(4 + length)..];
    }

    /// <param name="onLoan">Whether the thread is a caller's: it sends once, and is not kept for what others append meanwhile.</param>
    private async Task SendLoopAsync(bool onLoan)
    {
        var hasSent = false;
        try
        {
            while (true)
            {
                byte[] packets;
                int length;
                SftpWritePayload? payload;
                lock (_gate)
                {
                    if (_closed || (_payloads.Count == 0 && _sendLength == 0))
                    {
                        _sending = false;
                        return;
                    }

                    if (onLoan && hasSent)
                    {
                        QueueSendLoop();
                        return;
                    }

                    hasSent = true;
                    _payloads.TryDequeue(out payload);
                    (packets, length) = (_sendBuffer, _sendLength);
                    _sendBuffer = _spareBuffer.Length <= KeptSendBuffer ? _spareBuffer : new byte[KeptSendBuffer];
                    _spareBuffer = packets;
                    _sendLength = 0;
                }

                if (payload is null)
                {
                    await SendAllAsync(packets.AsMemory(0, length));
                }
                else
                {
                    await SendWithPayloadAsync(packets, length, payload);
                }
            }
        }
        catch (Exception e)
        {
            // The read loop sees the same end with the peer's own explanation, which is the better reason; it gets a moment for it.
            await AbortUnlessExplainedAsync(e);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendWithPayloadAsync(byte[] packets, int length, SftpWritePayload payload)
    {
        try
        {
            var segments = payload.GetSegments(packets, length);
            var total = payload.TotalLength + length;
            var sent = await _socket.SendAsync(segments, SocketFlags.None);
            while (sent < total)
            {
                SftpWritePayload.Skip(segments, sent);
                total -= sent;
                sent = await _socket.SendAsync(segments, SocketFlags.None);
            }
        }
        catch (Exception e)
        {
            payload.Fail(new SftpChannelException(_reason ?? e));
            throw;
        }

        payload.Complete();
    }

    private async Task AbortUnlessExplainedAsync(Exception error)
    {
        await Task.WhenAny(_ended.Task, Task.Delay(TimeSpan.FromSeconds(3), _time, CancellationToken.None));
        Abort(error);
    }
}
