using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gateway.Sftp.Protocol;

/// <content>Replies in: one loop that finds each reply's request and receives into that request's memory.</content>
internal sealed partial class SftpChannel
{
    private const int ReceiveBufferSize = 16 * 1024;
    private const int HeaderLength = 9;

    /// <summary>OpenSSH sends at most 256 KiB; a little more is tolerated, nothing else is.</summary>
    private const int MaxPacket = (256 * 1024) + 1024;

    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);
    private int _start;
    private int _end;
    private long _lastHeard;
    private long _roundTrip = long.MaxValue;

    /// <summary>When the packet that is being received began; 0 between packets.</summary>
    private long _packetSince;
    private CancellationTokenSource _interruption = new();

    /// <summary>
    /// The shortest time that passed between a request and its reply: the line's round trip, as soon as one request met neither a queue nor
    /// a busy server. Null before the first reply.
    /// </summary>
    public TimeSpan? RoundTrip => Volatile.Read(ref _roundTrip) is var ticks and < long.MaxValue ? _time.GetElapsedTime(0, ticks) : null;

    private async Task ReadLoopAsync()
    {
        Exception reason;
        try
        {
            while (true)
            {
                await ReceiveReplyAsync();
            }
        }
        catch (Exception e)
        {
            reason = e;
        }

        End(Interlocked.CompareExchange(ref _reason, reason, null) ?? reason);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReceiveReplyAsync()
    {
        await FillAsync(1);
        Volatile.Write(ref _packetSince, _lastHeard);
        await FillAsync(HeaderLength);
        var length = BinaryPrimitives.ReadInt32BigEndian(_received.AsSpan(_start));
        var type = (SftpPacketType)_received[_start + 4];
        var id = BinaryPrimitives.ReadUInt32BigEndian(_received.AsSpan(_start + 5));
        if (length is < 5 or > MaxPacket)
        {
            throw new SftpProtocolException($"An SFTP packet of {length} bytes is not acceptable.");
        }

        _start += HeaderLength;
        length -= 5;
        var request = _requests[id % MaxRequests];
        if (request is null || request.Id != id || !request.IsOwed)
        {
            throw new SftpProtocolException("The server answered a request that was not made.");
        }

        _roundTrip = Math.Min(_roundTrip, _lastHeard - request.StartedAt);
        if (type == SftpPacketType.Data)
        {
            length = await ReadDataLengthAsync(request, length);
        }

        var content = request.Wanted + request.Sent;
        if (request.TryBeginReceive(type, length))
        {
            var left = await ReceiveAsync(request);
            Interlocked.Decrement(ref _owed);
            Interlocked.Add(ref _bytesInFlight, -content);
            if (left == 0)
            {
                // Before whoever waits goes on: it may do so right here.
                Volatile.Write(ref _packetSince, 0);
            }

            request.Complete();
            await DiscardAsync(left);
        }
        else
        {
            await DiscardAsync(type, length);
            Interlocked.Decrement(ref _owed);
            Interlocked.Add(ref _bytesInFlight, -content);
        }

        Volatile.Write(ref _packetSince, 0);
        request.Settle();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadDataLengthAsync(SftpRequest request, int length)
    {
        await FillAsync(4);
        var payload = BinaryPrimitives.ReadInt32BigEndian(_received.AsSpan(_start));
        _start += 4;
        if (request.Type != SftpPacketType.Read || payload <= 0 || payload > request.Wanted || payload != length - 4)
        {
            throw new SftpProtocolException("The server's DATA does not fit the READ it answers.");
        }

        return payload;
    }

    /// <summary>At least <paramref name="count"/> bytes from <see cref="_start"/> on.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FillAsync(int count)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_received.Length - _start < count)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            _end -= _start;
            _start = 0;
        }

        while (_end - _start < count)
        {
            _end += await ReceiveSomeAsync(_received.AsMemory(_end));
        }
    }

    /// <summary>Receives a reply: what is here already is copied, the rest is received in place.</summary>
    /// <returns>The bytes that are still to come, of a payload whose memory was withdrawn; else 0.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(SftpRequest request)
    {
        var target = request.GetReceiveMemory();
        var here = Math.Min(target.Length, _end - _start);
        _received.AsSpan(_start, here).CopyTo(target.Span);
        _start += here;
        while (here < target.Length && !request.IsWithdrawn)
        {
            here += await ReceiveSomeAsync(target[here..], _interruption.Token);
        }

        return target.Length - here;
    }

    /// <summary>Makes the read loop look whether the memory it receives into was withdrawn.</summary>
    internal void InterruptReceive() => Volatile.Read(ref _interruption).Cancel();

    /// <returns>The number of bytes; 0 only where the receiving was interrupted.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveSomeAsync(Memory<byte> memory, CancellationToken interrupted = default)
    {
        int count;
        try
        {
            count = await _socket.ReceiveAsync(memory, interrupted);
        }
        catch (OperationCanceledException)
        {
            // Renewed before the caller looks again: an interruption from now on finds the new one.
            Interlocked.Exchange(ref _interruption, new CancellationTokenSource());
            return 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            count = 0;
        }

        if (count == 0)
        {
            throw _reason ?? await _explainEnd();
        }

        _lastHeard = _time.GetTimestamp();
        return count;
    }

    /// <summary>A reply whose caller has left. A handle among them would stay open at the server for ever: it is closed.</summary>
    private async ValueTask DiscardAsync(SftpPacketType type, int length)
    {
        if (type == SftpPacketType.Handle && length is > 4 and <= 4 + SftpHandle.MaxLength)
        {
            await FillAsync(length);
            var handle = new SftpHandle(_received.AsSpan(_start + 4, length - 4).ToArray());
            _start += length;
            Close(handle).Release();
            Flush();
            return;
        }

        await DiscardAsync(length);
    }

    private async ValueTask DiscardAsync(int length)
    {
        while (length > 0)
        {
            if (_start == _end)
            {
                await FillAsync(1);
            }

            var skipped = Math.Min(length, _end - _start);
            _start += skipped;
            length -= skipped;
        }
    }

    private void End(Exception reason)
    {
        _socket.Dispose();
        SftpRequest[] owed;
        SftpWritePayload[] unsent;
        lock (_gate)
        {
            _closed = true;
            owed = [.. _requests.Take(_requestsMade).OfType<SftpRequest>().Where(request => request.IsOwed)];
            unsent = [.. _payloads];
            _payloads.Clear();
        }

        foreach (var request in owed)
        {
            request.Fail(new SftpChannelException(reason));
            request.Settle();
        }

        foreach (var payload in unsent)
        {
            payload.Fail(new SftpChannelException(reason));
        }

        Volatile.Write(ref _owed, 0);
        _ended.TrySetResult(reason);
    }
}
