using System.Runtime.CompilerServices;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// Reads a file in order over several connections that each have it open, with READs in flight on all of them. One caller, one read at
/// a time; only <see cref="Remove"/> may be called beside it.
/// </summary>
/// <remarks>
/// <para>The next READ goes to the connection that owes the least, up to somewhat more than its window: so a fast connection gets more of
/// them than a slow one, and none ever runs dry. What is asked for and not passed on is bounded for the reader, and for all together
/// (<see cref="ReadAhead"/>).</para>
/// <para>A connection that dies, that is given back, or that says nothing while others answer is out: what it owes is asked for again on the
/// others, all at once. Only the caller's thread makes requests; other threads mark a lane, and cancel what it owes. A request
/// that the caller waits for at that moment ends with its cancellation, or, where its payload is being received into the caller's
/// memory already, with the payload.</para>
/// </remarks>
internal sealed partial class SftpStripedReader : IDisposable
{
    /// <summary>Most bytes that one connection owes: its window and what is on its way to fill that.</summary>
    private const int MostOwed = 5 * 512 * 1024;

    /// <summary>The same while memory is short.</summary>
    private const int LeastOwed = 512 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<SftpReadPiece> _pieces = new();
    private readonly Stack<SftpReadPiece> _spare = new();
    private readonly long? _size;
    private readonly ITimer _watch;

    private SftpReadPiece? _awaited;
    private long _next;
    private long _end;
    private int _consumed;
    private bool _failed;

    private SftpStripedReader(int readSize, long? size, TimeProvider time)
    {
        _readSize = readSize;
        _size = size;
        _watch = time.CreateTimer(static reader => ((SftpStripedReader)reader!).LookForSilence(), this, Patience / 4, Patience / 4);
    }

    /// <summary>Takes over what a reader of one connection has in flight.</summary>
    /// <returns>Null, with nothing done, where that cannot be.</returns>
    public static SftpStripedReader? TakeOver(SftpFileReader reader, SftpHandle handle, long? size, TimeProvider time)
    {
        var lane = new SftpReadLane(reader.Channel, handle);
        var striped = new SftpStripedReader(reader.Channel.ReadSize, size, time);
        if (!reader.TryHandOver(request => striped.Enqueue(lane, request), out striped._consumed, out striped._next, out striped._end))
        {
            striped.Dispose();
            return null;
        }

        striped._lanes.Add(lane);
        return striped;
    }

    /// <summary>Bytes that the next READ may bring at once.</summary>
    public int PreferredReadSize
    {
        get
        {
            lock (_gate)
            {
                return _pieces.TryPeek(out var head) ? head.Length : SftpLimits.LargestPayload;
            }
        }
    }

    /// <summary>Chooses what the next reads return; null: to the end of the file.</summary>
    public void Select(long offset, long? length)
    {
        lock (_gate)
        {
            if (_pieces.Count > 0 || _failed)
            {
                throw new InvalidOperationException("The range before has not been read to its end, or the file is closed.");
            }

            _next = offset;
            _end = length is { } count ? checked(offset + count) : _size ?? throw new InvalidOperationException("The end of the file is not known.");
        }
    }

    /// <summary>The next bytes, in order; 0 at the end of the range.</summary>
    /// <exception cref="SftpFileChangedException">The file ended before the range did.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (Prepare(buffer) is not { } request)
                {
                    return 0;
                }

                // After the first part of a reply was taken its wait is over, and must not be repeated.
                var failure = _consumed > 0 ? null : await WaitAsync(request, cancellationToken);
                if (Take(buffer.Span, failure) is > 0 and var count)
                {
                    return count;
                }
            }
        }
        catch
        {
            lock (_gate)
            {
                _failed = true;
            }

            throw;
        }
    }

    /// <summary>Lets go of what is in flight. The files are closed by whoever opened them.</summary>
    public void Dispose()
    {
        _watch.Dispose();
        lock (_gate)
        {
            _failed = true;
            _awaited = null;
            while (_pieces.TryDequeue(out var piece))
            {
                Release(piece.Request);
            }
        }
    }

    /// <summary>The request whose payload comes next, with others in flight behind it; null at the end.</summary>
    private SftpRequest? Prepare(Memory<byte> buffer)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_failed, this);
            if (_hasLost)
            {
                AskElsewhere();
            }

            TopUp();
            foreach (var lane in _lanes)
            {
                if (lane.HasUnsent)
                {
                    lane.HasUnsent = false;
                    lane.Channel.Flush();
                }
            }

            if (!_pieces.TryPeek(out var head))
            {
                return _next < _end ? throw NothingLeft() : null;
            }

            if (_consumed == 0)
            {
                if (!head.Request.IsDone && buffer.Length >= head.Request.Wanted)
                {
                    head.Request.Offer(buffer);
                }

                _awaited = head;
            }

            return head.Request;
        }
    }

    private static async ValueTask<Exception?> WaitAsync(SftpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await request.WaitAsync(cancellationToken);
            return null;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return failure;
        }
    }

    /// <returns>The bytes taken; 0 where the head has to be asked for again, or in part.</returns>
    private int Take(Span<byte> target, Exception? failure)
    {
        lock (_gate)
        {
            _awaited = null;
            var head = _pieces.Peek();
            var request = head.Request;
            failure ??= request.ReplyType == SftpPacketType.Data ? null : FailureOf(request);
            if (failure is not null)
            {
                Lose(head.Lane);
                _lastLoss = failure;
                if (failure is SftpFileChangedException || _lanes.Count == 0)
                {
                    throw failure;
                }

                AskAgain(head);
                return 0;
            }

            var count = request.ReplyLength;
            if (!request.ReceivedInPlace)
            {
                count = Math.Min(count - _consumed, target.Length);
                request.Reply.Slice(_consumed, count).CopyTo(target);
            }

            _consumed += count;
            if (_consumed == request.ReplyLength)
            {
                Drop(head, request.ReplyLength);
            }

            return count;
        }
    }

    /// <summary>A status in answer to READ: the end of the file, or a failure of this connection.</summary>
    private static Exception FailureOf(SftpRequest request)
    {
        var code = SftpReplies.ReadStatus(request, out var message);
        return code switch
        {
            SftpStatusCode.EndOfFile => new SftpFileChangedException("The file ended before its announced length."),
            SftpStatusCode.Ok => new SftpProtocolException("The server answered READ with OK and no data."),
            _ => new SftpStatusException(code, message),
        };
    }

    /// <summary>The head was passed on; a short reply's rest comes before everything that is in flight.</summary>
    private void Drop(SftpReadPiece head, int got)
    {
        _consumed = 0;
        head.Offset += got;
        head.Length -= got;
        if (head.Length > 0)
        {
            if (got < head.Request.Wanted)
            {
                head.Lane.Channel.LearnFromShortRead(got);
            }

            AskAgain(head);
            return;
        }

        Release(head.Request);
        _spare.Push(_pieces.Dequeue());
    }

    private void TopUp()
    {
        foreach (var lane in _lanes)
        {
            lane.Owed = 0;
        }

        var held = 0L;
        foreach (var piece in _pieces)
        {
            held += piece.Length;
            piece.Lane.Owed += piece.Request.IsDone ? 0 : piece.Length;
        }

        while (_next < _end && ChooseLane() is { } lane)
        {
            // More is held than is owed: a connection that answered must not wait until the consumer comes to its bytes.
            var most = ReadAhead.IsMostlyUsed ? LeastOwed : MostOwed;
            var length = (int)Math.Min(lane.Channel.ReadSize, _end - _next);
            if (_pieces.Count > 0 && (lane.Owed + length > most || held + length > (long)most * _lanes.Count * 3 / 2))
            {
                return;
            }

            if (!TryAsk(lane, _next, length, out var request))
            {
                continue;
            }

            Enqueue(lane, request);
            lane.Owed += length;
            held += length;
            _next += length;
        }
    }

    private void Enqueue(SftpReadLane lane, SftpRequest request)
    {
        var piece = _spare.TryPop(out var spare) ? spare : new SftpReadPiece();
        (piece.Offset, piece.Length, piece.Lane, piece.Request) = (request.Offset, request.Wanted, lane, request);
        _pieces.Enqueue(piece);
    }

    private static void Release(SftpRequest request)
    {
        ReadAhead.Remove(request.Wanted);
        request.Release();
    }
}
