using System.Threading.Tasks.Sources;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// One request in flight and its reply. Made and reused by <see cref="SftpChannel"/>: after <see cref="Release"/> it belongs
/// to the channel again.
/// </summary>
/// <remarks>
/// Two parties hold a request: the caller until <see cref="Release"/>, and the channel until the reply has arrived. A
/// caller that gives up leaves at once; the server still answers, and the read loop throws that answer away.
/// <code>
/// Pending ──────────────▶ Receiving ────────┬─▶ Done          (read loop)
///    │ └──Offer──▶ Offered ──▶ InPlace ─────┘
///    │                │           └──▶ Withdrawn ──▶ Cancelled (caller's token, then the read loop)
///    └────────────────┴───────────────────────────▶ Cancelled (caller's token, deadline, or Release before the reply)
/// </code>
/// Memory offered for the payload is used only in <c>InPlace</c> and <c>Withdrawn</c>, and a request in these states is ended by
/// nobody but the read loop: once <see cref="WaitAsync"/> has returned, the memory is the caller's. A caller that leaves there
/// interrupts the loop, which lets go of the memory at once: the rest of the payload may never come.
/// </remarks>
internal sealed class SftpRequest : IValueTaskSource
{
    private const int Pending = 0;
    private const int Offered = 1;
    private const int Receiving = 2;
    private const int Done = 3;
    private const int Cancelled = 4;
    private const int InPlace = 5;
    private const int Withdrawn = 6;

    private readonly SftpChannel _channel;
    private ManualResetValueTaskSourceCore<bool> _completion;
    private int _state;
    private int _holders;
    private Memory<byte> _offer;
    private bool _continuesHere;
    private byte[]? _buffer;
    private Exception? _withdrawal;
    private CancellationTokenRegistration _leaving;

    internal SftpRequest(SftpChannel channel, int slot)
    {
        _channel = channel;
        Slot = slot;
    }

    /// <summary>Position in the channel's table.</summary>
    public int Slot { get; }

    /// <summary>The id on the wire; changes with every use.</summary>
    public uint Id { get; private set; }

    /// <summary>What was asked.</summary>
    public SftpPacketType Type { get; private set; }

    /// <summary>When it was asked (<see cref="TimeProvider.GetTimestamp"/>).</summary>
    public long StartedAt { get; private set; }

    /// <summary>When the reply was complete (<see cref="TimeProvider.GetTimestamp"/>).</summary>
    public long DoneAt { get; private set; }

    /// <summary>Whether the server still owes the reply. Guarded by the channel's lock for writing.</summary>
    public bool IsOwed { get; private set; }

    /// <summary>What comes behind it in an <see cref="SftpRequestQueue"/>; null outside of one.</summary>
    internal SftpRequest? Next { get; set; }

    /// <summary>READ: position in the file, in bytes.</summary>
    public long Offset { get; set; }

    /// <summary>READ: bytes asked for.</summary>
    public int Wanted { get; set; }

    /// <summary>WRITE: bytes sent.</summary>
    public int Sent { get; set; }

    /// <summary>Type of the reply.</summary>
    public SftpPacketType ReplyType { get; private set; }

    /// <summary>Bytes of the reply behind its id; for DATA: the payload.</summary>
    public int ReplyLength { get; private set; }

    /// <summary>Whether the payload went into the offered memory.</summary>
    public bool ReceivedInPlace { get; private set; }

    /// <summary>Whether the reply is here.</summary>
    public bool IsDone => Volatile.Read(ref _state) == Done;

    /// <summary>The reply (without type and id), or DATA's payload unless <see cref="ReceivedInPlace"/>.</summary>
    public ReadOnlySpan<byte> Reply => _buffer.AsSpan(0, ReplyLength);

    /// <summary>
    /// Offers memory for the payload of a READ, at least <see cref="Wanted"/> bytes; to be followed by <see cref="WaitAsync"/>.
    /// Without effect when the reply is already on its way into a pooled buffer.
    /// </summary>
    /// <param name="memory">Where the payload is to go.</param>
    /// <param name="continueHere">Whether whoever waits may go on within the read loop, which receives nothing meanwhile.</param>
    public void Offer(Memory<byte> memory, bool continueHere = false)
    {
        _offer = memory;
        _continuesHere = continueHere;
        Interlocked.CompareExchange(ref _state, Offered, Pending);
    }

    /// <summary>Waits for the reply. Not to be called while somebody waits already.</summary>
    /// <exception cref="OperationCanceledException">The caller's token.</exception>
    /// <exception cref="SftpChannelException">The channel died.</exception>
    /// <exception cref="SftpTimeoutException">The server did not answer in time.</exception>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (!IsDone && cancellationToken.CanBeCanceled)
        {
            _leaving = cancellationToken.UnsafeRegister(
                static (state, token) => ((SftpRequest)state!).Leave(new OperationCanceledException(token)), this);
        }

        return new ValueTask(this, _completion.Version);
    }

    /// <summary>Gives the request back; where the reply is still owed it will be thrown away.</summary>
    public void Release()
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Pending) == Offered)
        {
            Interlocked.CompareExchange(ref _state, Cancelled, Offered);
        }

        ReleaseHolder();
    }

    /// <summary>Ends the wait with <paramref name="reason"/>, unless the reply is here or being received into offered memory.</summary>
    public void Cancel(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Pending) == Pending
            || Interlocked.CompareExchange(ref _state, Cancelled, Offered) == Offered
            || Interlocked.CompareExchange(ref _state, Cancelled, Receiving) == Receiving)
        {
            _completion.SetException(reason);
        }
    }

    // ---- the channel's side -------------------------------------------------------------------------------------

    internal void Begin(uint id, SftpPacketType type, long now)
    {
        _completion.Reset();
        _completion.RunContinuationsAsynchronously = true;
        Id = id;
        Type = type;
        StartedAt = now;
        ReplyType = SftpPacketType.None;
        ReplyLength = 0;
        ReceivedInPlace = false;
        Wanted = Sent = 0;
        _withdrawal = null;
        IsOwed = true;
        _holders = 2;
        Volatile.Write(ref _state, Pending);
    }

    /// <summary>The read loop takes the request over to receive its reply.</summary>
    /// <returns>False where the caller has left: the reply is to be thrown away.</returns>
    internal bool TryBeginReceive(SftpPacketType replyType, int length)
    {
        ReplyType = replyType;
        ReplyLength = length;
        if (Interlocked.CompareExchange(ref _state, Receiving, Pending) == Pending)
        {
            return true;
        }

        ReceivedInPlace = replyType == SftpPacketType.Data && _offer.Length >= length;
        return Interlocked.CompareExchange(ref _state, ReceivedInPlace ? InPlace : Receiving, Offered) == Offered;
    }

    /// <summary>Where the reply is to be received.</summary>
    internal Memory<byte> GetReceiveMemory()
    {
        if (ReceivedInPlace)
        {
            return _offer[..ReplyLength];
        }

        _buffer = ChunkPool.Rent(ReplyLength);
        return _buffer.AsMemory(0, ReplyLength);
    }

    /// <summary>Whether the caller wants its memory back before the payload is complete.</summary>
    internal bool IsWithdrawn => Volatile.Read(ref _state) == Withdrawn;

    /// <summary>The reply is here; or the loop has let go of withdrawn memory.</summary>
    internal void Complete()
    {
        DoneAt = _channel.LastHeard;
        if (Interlocked.CompareExchange(ref _state, Done, ReceivedInPlace ? InPlace : Receiving) is InPlace or Receiving)
        {
            _completion.RunContinuationsAsynchronously = !(ReceivedInPlace && _continuesHere);
            _completion.SetResult(true);
        }
        else if (Interlocked.CompareExchange(ref _state, Cancelled, Withdrawn) == Withdrawn)
        {
            _completion.SetException(_withdrawal!);
        }
    }

    /// <summary>Fails a request of a dead channel; only the read loop may, when it receives no more.</summary>
    internal void Fail(Exception reason)
    {
        if (Interlocked.Exchange(ref _state, Done) is Pending or Offered or Receiving or InPlace or Withdrawn)
        {
            _completion.SetException(reason);
        }
    }

    /// <summary>The reply has been dealt with.</summary>
    internal void Settle()
    {
        IsOwed = false;
        ReleaseHolder();
    }

    private void ReleaseHolder()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
        {
            return;
        }

        if (_buffer is { } buffer)
        {
            _buffer = null;
            ChunkPool.Return(buffer);
        }

        _offer = default;
        _channel.Recycle(this);
    }

    /// <summary>
    /// Ends the wait with <paramref name="reason"/>, unless the reply is here: also while the caller's memory is being received into. Whoever
    /// calls this makes sure that the request is not released meanwhile.
    /// </summary>
    public void Leave(Exception reason)
    {
        Cancel(reason);
        _withdrawal = reason;
        if (Interlocked.CompareExchange(ref _state, Withdrawn, InPlace) == InPlace)
        {
            _channel.InterruptReceive();
        }
    }

    void IValueTaskSource.GetResult(short token)
    {
        // Waits for a callback that is running, a matter of a few instructions: the request may be reused right after.
        _leaving.Dispose();
        _leaving = default;
        _completion.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
