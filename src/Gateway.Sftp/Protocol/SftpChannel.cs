using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// An SFTP version 3 channel that many callers use at once (draft-ietf-secsh-filexfer-02).
/// </summary>
/// <remarks>
/// <para>
/// Callers append requests to one send buffer (<c>SftpChannel.Requests.cs</c>), then <see cref="Flush"/>: whoever finds the
/// sender idle queues it to the thread pool, so that every caller that is runnable appends first and all leave in few sends
/// (<c>SftpChannel.Send.cs</c>). One read loop finds the request by its id and receives its reply, payload straight into
/// the memory of the transfer that waits for it (<c>SftpChannel.Receive.cs</c>). A timer watches for answers that do not come
/// (<c>SftpChannel.Watchdog.cs</c>).
/// </para>
/// <para>
/// The channel dies once, with one reason: <see cref="Abort"/> closes the socket, the read loop unwinds, and it alone then
/// fails every request in flight. Nobody else may, because a request that is being received has its caller's memory in use.
/// </para>
/// </remarks>
internal sealed partial class SftpChannel : IAsyncDisposable
{
    private const uint ProtocolVersion = 3;
    private const int MaxVersionPacket = 64 * 1024;

    private readonly Socket _socket;
    private readonly Func<Task<Exception>> _explainEnd;
    private readonly SftpChannelOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<Exception> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Exception? _reason;
    private ITimer? _watchdog;
    private Task _readLoop = Task.CompletedTask;

    /// <param name="socket">The transport; the channel disposes it.</param>
    /// <param name="explainEnd">Called when the peer closed the transport: says why, within a few seconds.</param>
    /// <param name="options">Deadlines.</param>
    /// <param name="time">The clock.</param>
    public SftpChannel(Socket socket, Func<Task<Exception>> explainEnd, SftpChannelOptions options, TimeProvider time)
    {
        _socket = socket;
        _explainEnd = explainEnd;
        _options = options;
        _time = time;
        _lastHeard = time.GetTimestamp();
    }

    /// <summary>Completes with the reason when the channel is dead and every request has been failed.</summary>
    public Task<Exception> Ended => _ended.Task;

    /// <summary>The clock.</summary>
    public TimeProvider Time => _time;

    /// <summary>What the server announced.</summary>
    public SftpExtensions Extensions { get; private set; } = new();

    /// <summary>Whether a written file is flushed to the server's disk before it is closed.</summary>
    public bool FlushesToDisk => _options.Fsync && Extensions.Fsync;

    /// <summary>Sizes that the server allows.</summary>
    public SftpLimits Limits { get; private set; } = SftpLimits.Default;

    /// <summary>
    /// Bytes to ask for in one READ: the server's limit, or less once it answered with less than that though the file went on (a server
    /// capped at 32 KiB ran at 11 MiB/s when asked for 255 KiB, and at 184 when asked for 32).
    /// </summary>
    public int ReadSize { get; private set; } = SftpLimits.Default.MaxRead;

    /// <summary>Requests that the server has not answered yet, of all callers.</summary>
    public int Owed => Volatile.Read(ref _owed);

    /// <summary>Bytes of READs that have not arrived and of WRITEs that are not confirmed, of all files together.</summary>
    public long BytesInFlight => Interlocked.Read(ref _bytesInFlight);

    /// <summary>Exchanges INIT and VERSION, starts the read loop, and asks for the server's limits.</summary>
    /// <exception cref="SftpProtocolException">The first bytes are no SFTP, or an older version.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await SendInitAsync(cancellationToken);
        var greeting = await ReceiveVersionAsync(cancellationToken);
        ReadVersion(greeting);
        _readLoop = Task.Run(ReadLoopAsync, CancellationToken.None);
        StartWatchdog();
        if (Extensions.Limits)
        {
            await AskLimitsAsync(cancellationToken);
        }
    }

    /// <summary>Remembers that the server answers READs with at most <paramref name="bytes"/>.</summary>
    public void LearnReadSize(int bytes) => ReadSize = Math.Clamp(bytes, 512, ReadSize);

    /// <summary>A server that caps its answers is asked for that size from now on. Odd lengths are chance, not a cap.</summary>
    public void LearnFromShortRead(int bytes)
    {
        if (bytes >= 4096 && bytes % 1024 == 0)
        {
            LearnReadSize(bytes);
        }
    }

    /// <summary>Ends the channel: every request fails with <paramref name="reason"/>, soon. Only the first reason counts.</summary>
    public void Abort(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Abort(new ObjectDisposedException(nameof(SftpChannel)));
        if (_watchdog is { } watchdog)
        {
            await watchdog.DisposeAsync();
        }

        await _readLoop;
    }

    private async Task SendInitAsync(CancellationToken cancellationToken)
    {
        var init = new byte[9];
        BinaryPrimitives.WriteInt32BigEndian(init, 5);
        init[4] = (byte)SftpPacketType.Init;
        BinaryPrimitives.WriteUInt32BigEndian(init.AsSpan(5), ProtocolVersion);
        try
        {
            await _socket.SendAsync(init, cancellationToken);
        }
        catch (SocketException)
        {
            throw await _explainEnd();
        }
    }

    private async Task<byte[]> ReceiveVersionAsync(CancellationToken cancellationToken)
    {
        var header = new byte[4];
        await ReceiveExactlyAsync(header, cancellationToken);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length is < 5 or > MaxVersionPacket)
        {
            // A login script that prints is the usual cause: four letters make a length of more than a gigabyte.
            throw new SftpProtocolException("The first bytes from the server are not SFTP.")
            {
                Evidence = await ReceiveEvidenceAsync(header, cancellationToken),
            };
        }

        var packet = new byte[length];
        await ReceiveExactlyAsync(packet, cancellationToken);
        return packet;
    }

    private async Task ReceiveExactlyAsync(Memory<byte> memory, CancellationToken cancellationToken)
    {
        while (memory.Length > 0)
        {
            int received;
            try
            {
                received = await _socket.ReceiveAsync(memory, cancellationToken);
            }
            catch (SocketException)
            {
                received = 0;
            }

            if (received == 0)
            {
                throw await _explainEnd();
            }

            memory = memory[received..];
        }
    }

    private async Task<string> ReceiveEvidenceAsync(byte[] start, CancellationToken cancellationToken)
    {
        var evidence = new byte[128];
        start.CopyTo(evidence, 0);
        var count = start.Length;
        try
        {
            // What came in the same burst is enough; more must not be waited for.
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            soon.CancelAfter(TimeSpan.FromMilliseconds(100));
            count += await _socket.ReceiveAsync(evidence.AsMemory(count), soon.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Encoding.Latin1.GetString(evidence, 0, count);
    }

    private void ReadVersion(byte[] packet)
    {
        var reader = new SftpPacketReader(packet);
        if (reader.ReadByte() != (byte)SftpPacketType.Version)
        {
            throw new SftpProtocolException("The server's first packet is not VERSION.");
        }

        var version = reader.ReadUInt32();
        if (version != ProtocolVersion)
        {
            throw new SftpProtocolException($"The server speaks SFTP version {version}; version {ProtocolVersion} is needed.");
        }

        Extensions = SftpExtensions.Read(ref reader);
    }

    private async Task AskLimitsAsync(CancellationToken cancellationToken)
    {
        var request = AskLimits();
        Flush();
        try
        {
            await request.WaitAsync(cancellationToken);
            if (request.ReplyType == SftpPacketType.ExtendedReply)
            {
                var reader = new SftpPacketReader(request.Reply);
                Limits = SftpLimits.Read(ref reader);
                ReadSize = Limits.MaxRead;
            }
        }
        finally
        {
            request.Release();
        }
    }
}
