using System.Runtime.CompilerServices;
using Gateway.Broker.Async;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// Reads ranges of an open file in order, with READs in flight ahead of the consumer. One caller, one read at a time.
/// </summary>
/// <remarks>
/// The window starts at two READs and doubles only when the consumer waits for the network while the connection as a whole
/// owes less than a full window: a slow consumer holds two chunks, and 64 slow ones on a connection leave room for a fast one. On a
/// near line, where two are enough to begin with, it waits until the consumer has proved to be none of the slow.
/// It shrinks again when everything in flight is here before the consumer is. A consumer that takes long for a chunk gets small
/// ones, as does everybody while too much is held in all (<see cref="ReadAhead"/>).
/// </remarks>
internal sealed partial class SftpFileReader : IAsyncDisposable
{
    private const int FirstWindow = 2;

    /// <summary>Most bytes in flight for one transfer; OpenSSH's own channel window is 2 MiB.</summary>
    private const int MaxInFlight = 4 * 1024 * 1024;

    /// <summary>Every server of version 3 answers a READ of this size whole, so that CLOSE can be sent right behind it.</summary>
    public const int AlwaysWhole = 32 * 1024;

    /// <summary>A READ for a slow consumer.</summary>
    public const int SmallRead = 32 * 1024;

    /// <summary>Bytes in short answers that a server has to give within <see cref="MaxStalls"/> stall timeouts.</summary>
    private const int MinProgress = 1024;

    private const int MaxStalls = 4;

    /// <summary>Bytes that prove a consumer of a near line to be none of the slow: more than the sockets on its way take for it.</summary>
    private const long Proof = 4 * 1024 * 1024;

    /// <summary>The longest round trip of a near line: two READs in flight are half a GiB a second there.</summary>
    private static readonly TimeSpan Near = TimeSpan.FromMilliseconds(1);

    /// <summary>Longer than this for a chunk that was here all the time is slow.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(250);

    private readonly SftpChannel _channel;
    private readonly SftpHandle _handle;
    private readonly long? _size;
    private SftpRequestQueue _inFlight;
    private SftpRequest? _gap;
    private long _start;
    private long _position;
    private long _next;
    private long _end;
    private int _consumed;
    private int _window = FirstWindow;
    private bool _isSlow;
    private bool _isSelected;
    private long _shortSince;
    private long _shortFrom;
    private bool _closed;
    private bool _failed;

    /// <param name="channel">The channel that opened the file.</param>
    /// <param name="handle">The open file; closed by <see cref="DisposeAsync"/>.</param>
    /// <param name="size">Its length in bytes, where the server told.</param>
    public SftpFileReader(SftpChannel channel, SftpHandle handle, long? size)
    {
        _channel = channel;
        _handle = handle;
        _size = size;
        _end = size ?? long.MaxValue;
    }

    /// <summary>Bytes that the next READ may bring at once.</summary>
    public int PreferredReadSize => (int)Math.Min(ReadSize, Math.Max(1, _end == long.MaxValue ? long.MaxValue : _end - _position + 1));

    /// <summary>Whether a read may end on the channel's read loop. The last one never does: what follows a file's end may be anything.</summary>
    public bool AllowSynchronousContinuations { get; set; }

    /// <summary>The open file; null where it was closed behind the last READ.</summary>
    public SftpHandle? Handle => _closed ? null : _handle;

    /// <summary>The channel that opened the file.</summary>
    public SftpChannel Channel => _channel;

    /// <summary>Chooses what the next reads return; null: to the end of the file.</summary>
    public void Select(long offset, long? length)
    {
        if (_inFlight.Count > 0 || _gap is not null || _closed || _failed)
        {
            throw new InvalidOperationException("The range before has not been read to its end, or the file is closed.");
        }

        _isSelected = true;
        _shortSince = 0;
        _start = _position = _next = offset;
        _end = length is { } count ? checked(offset + count) : _size ?? long.MaxValue;
    }

    /// <summary>The next bytes, in order; 0 at the end of the range.</summary>
    /// <exception cref="SftpFileChangedException">The file ended before the range did.</exception>
    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_failed, this);
        try
        {
            while (_position < _end)
            {
                var head = NextRequest();
                if (!head.IsDone && buffer.Length >= head.Wanted)
                {
                    head.Offer(buffer, AllowSynchronousContinuations && _position + head.Wanted < _end);
                }

                // After the first part of a reply was taken its wait is over, and must not be repeated.
                if (_consumed == 0)
                {
                    await head.WaitAsync(cancellationToken);
                }

                var count = Take(head, buffer.Span);
                if (count > 0)
                {
                    return count;
                }
            }

            return 0;
        }
        catch
        {
            _failed = true;
            throw;
        }
    }

    /// <summary>The request whose payload comes next in the file, with enough of its successors in flight.</summary>
    private SftpRequest NextRequest()
    {
        if (_gap is not null)
        {
            return _gap;
        }

        if (!_isSlow && _inFlight.Last is { IsDone: true } newest && _channel.GetAge(newest) > Slow)
        {
            _isSlow = true;
            _window = FirstWindow;
        }

        // Topping up in quarters of the window lets requests leave in batches.
        if (_inFlight.Count <= _window - Math.Max(1, _window / 4))
        {
            TopUp(IsFrugal && _window == FirstWindow ? 1 : _window);
        }

        var head = _inFlight.First!;
        var maxWindow = MaxWindow;
        if (!head.IsDone && _next < _end && (_isSlow || (_window < maxWindow && MayGrow)) && _channel.Owed < maxWindow)
        {
            _window = _isSlow ? _window : Math.Min(_window * 2, maxWindow);
            _isSlow = false;
            TopUp(_window);
        }

        return head;
    }

    private bool MayGrow => _position - _start >= Proof || _channel.RoundTrip > Near;

    private bool IsFrugal => _isSlow || ReadAhead.IsTight;

    private int ReadSize => IsFrugal ? Math.Min(SmallRead, _channel.ReadSize) : _channel.ReadSize;

    private int MaxWindow => Math.Clamp(MaxInFlight / _channel.ReadSize, 16, 64);

    private void TopUp(int count)
    {
        var before = _inFlight.Count;
        while (_inFlight.Count < count && _next < _end)
        {
            // One byte more than the file should have tells a file that has grown, at no cost.
            var beyond = IsWholeSmallFile ? 1 : 0;
            var length = (int)Math.Min(ReadSize, _end - _next + beyond);
            _inFlight.Enqueue(Ask(_next, length));
            _next = Math.Min(_next + length, _end);
        }

        if (_inFlight.Count == before)
        {
            return;
        }

        if (IsWholeSmallFile && !_closed)
        {
            // Requests on one file are processed in order (draft-ietf-secsh-filexfer-02, section 4.1).
            _closed = true;
            _channel.Close(_handle).Release();
        }

        _channel.Flush();
    }

    private SftpRequest Ask(long offset, int length)
    {
        var request = _channel.Read(_handle, offset, length);
        ReadAhead.Add(length);
        return request;
    }

    private static void Release(SftpRequest request)
    {
        ReadAhead.Remove(request.Wanted);
        request.Release();
    }

    /// <summary>Whoever chose a range may choose another: only for others the file is closed early.</summary>
    private bool IsWholeSmallFile => !_isSelected && _end == _size && _end < AlwaysWhole && _end < _channel.ReadSize && _position == 0;

    private int Take(SftpRequest head, Span<byte> target)
    {
        if (head.ReplyType != SftpPacketType.Data)
        {
            TakeEnd(head);
            return 0;
        }

        var count = head.ReplyLength;
        if (!head.ReceivedInPlace)
        {
            count = Math.Min(count - _consumed, target.Length);
            head.Reply.Slice(_consumed, count).CopyTo(target);
        }

        _consumed += count;
        if (_position + count > _end)
        {
            throw new SftpFileChangedException("The file grew while it was being read.");
        }

        _position += count;
        if (_consumed == head.ReplyLength)
        {
            Drop(head);
        }

        return count;
    }

    /// <summary>A status in answer to READ: the end of the file, or a failure.</summary>
    private void TakeEnd(SftpRequest head)
    {
        var code = SftpReplies.ReadStatus(head, out var message);
        if (code != SftpStatusCode.EndOfFile)
        {
            throw code == SftpStatusCode.Ok
                ? new SftpProtocolException("The server answered READ with OK and no data.")
                : new SftpStatusException(code, message);
        }

        if (_end != long.MaxValue)
        {
            throw new SftpFileChangedException("The file ended before its announced length.");
        }

        _end = _position;
    }

    private void Drop(SftpRequest head)
    {
        var got = head.ReplyLength;
        var wanted = head.Wanted;
        var wasGap = ReferenceEquals(head, _gap);
        _consumed = 0;
        if (wasGap)
        {
            _gap = null;
        }
        else
        {
            _inFlight.TryDequeue(out _);
        }

        Release(head);
        if (got < wanted && _position < _end)
        {
            RequireProgress();
            FillGap(got, wanted);
            return;
        }

        _shortSince = 0;
        if (!wasGap && _inFlight.Last is { IsDone: true })
        {
            _window = Math.Max(FirstWindow, _window / 2);
        }
    }

    /// <summary>A server that answers each READ with a byte or two keeps to no protocol's wording, and would hold its caller for days.</summary>
    private void RequireProgress()
    {
        if (_shortSince == 0 || _position - _shortFrom >= MinProgress)
        {
            (_shortSince, _shortFrom) = (_channel.LastHeard, _position);
        }
        else if (_channel.GetTimeSince(_shortSince) > MaxStalls * _channel.StallTimeout)
        {
            throw new SftpTimeoutException(SftpPacketType.Read, _channel.StallTimeout);
        }
    }

    /// <summary>A short READ: the rest of it comes before everything that is in flight.</summary>
    private void FillGap(int got, int wanted)
    {
        if (_closed)
        {
            throw new SftpFileChangedException("The file ended before its announced length.");
        }

        _channel.LearnFromShortRead(got);
        _gap = Ask(_position, wanted - got);
        _channel.Flush();
    }
}
