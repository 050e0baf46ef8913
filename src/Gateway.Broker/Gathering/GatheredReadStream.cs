using System.Runtime.CompilerServices;
using Gateway.Broker.Async;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Broker.Striping;

namespace Gateway.Broker.Gathering;

/// <summary>
/// A large file on a near server, whose download goes on over one of few connections, with others, where the processors are what limits all of them.
/// </summary>
/// <remarks>
/// <para><b>Why.</b> Each caller gets an idle connection, and nobody knows beforehand what will be large. But each connection is some
/// processes, here and often on the server: thirty-two downloads over eight connections took a tenth more processor time for each byte
/// than over three, as the bytes were out of the caches by the time that the next process had its turn.</para>
/// <para><b>When.</b> While many leases are in use, while there is much left, and only where the connection's process is seen to wait for a processor
/// longer than it runs (<see cref="ProcessorTime"/>): a server, a disk or a line that is slow is no reason, since there more
/// connections may well be faster.</para>
/// <para><b>How.</b> The file is opened by its path on the other connection (<see cref="SameFile"/>). What was asked of the first one is read
/// to its end, the rest there; then the first lease ends. A download moves once: only to the first few connections, and never from
/// one of these. Whatever fails before the move leaves it where it was.</para>
/// </remarks>
internal sealed class GatheredReadStream : RemoteReadStream
{
    /// <summary>Bytes of a file that may be worth it.</summary>
    internal const long Least = 2 * Worth;

    /// <summary>Bytes left that are worth opening the file once more.</summary>
    private const long Worth = 8 * 1024 * 1024;

    /// <summary>Bytes from one look at the processors to the next: some tens of milliseconds where they are what limits.</summary>
    private const long Interval = 512 * 1024;

    private readonly RemotePath _path;
    private readonly TimeProvider _time;
    private Leased<RemoteReadStream> _current;
    private Leased<RemoteReadStream>? _next;
    private Opening? _opening;
    private ProcessorTime? _since;
    private long _sinceAt;
    private long _end;
    private long _left;
    private long _untilLook;

    private GatheredReadStream(Leased<RemoteReadStream> opened, RemotePath path, long size, TimeProvider time)
    {
        _current = opened;
        _path = path;
        _time = time;
        _end = _left = size;
    }

    /// <summary>Lets a file that was opened move, if it is one of those that may be worth it.</summary>
    public static Leased<RemoteReadStream> Over(Leased<RemoteReadStream> opened, RemotePath path, TimeProvider time)
    {
        var entry = opened.Value.Entry;
        return entry.Size is >= Least and { } size
            && opened.Lease.Pool.Definition.ConnectionsPerTransfer > 1 && SameFile.CanTell(entry, time)
            ? new Leased<RemoteReadStream>(new GatheredReadStream(opened, path, size, time), opened.Lease)
            : opened;
    }

    /// <inheritdoc/>
    public override RemoteEntry Entry => _current.Value.Entry;

    /// <inheritdoc/>
    public override int PreferredReadSize => _current.Value.PreferredReadSize;

    /// <inheritdoc/>
    public override bool AllowSynchronousContinuations
    {
        get => _current.Value.AllowSynchronousContinuations;
        set => _current.Value.AllowSynchronousContinuations = value;
    }

    /// <inheritdoc/>
    public override void SelectRange(long offset, long? length)
    {
        _current.Value.SelectRange(offset, length);
        _end = length is { } count ? offset + count : Entry.Size!.Value;
        _left = _end - offset;
        _untilLook = 0;
    }

    /// <inheritdoc/>
    public override ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken) => _current.Value.GetCurrentEntryAsync(cancellationToken);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_opening is null)
        {
            if (_untilLook <= 0)
            {
                Look();
            }
        }
        else if (_opening.Take() is { } opened && !TryTurnTo(opened))
        {
            await opened.DisposeAsync();
        }

        var count = await _current.Value.ReadAsync(buffer, cancellationToken);
        if (count == 0 && _next is { } next)
        {
            await _current.DisposeAsync();
            (_current, _next) = (next, null);
            count = await next.Value.ReadAsync(buffer, cancellationToken);
        }

        _left -= count;
        _untilLook -= count;
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_opening is not null)
        {
            await _opening.DisposeAsync();
        }

        if (_next is not null)
        {
            await _next.DisposeAsync();
        }

        await _current.DisposeAsync();
    }

    /// <summary>Begins the move, if since the last look the processors were what this download waited for.</summary>
    private void Look()
    {
        _untilLook = _left < Worth ? long.MaxValue : Interval;
        var lease = _current.Lease;
        if (_left < Worth || !lease.Pool.CanGather(lease))
        {
            _since = null;
            return;
        }

        var (before, beforeAt) = (_since, _sinceAt);
        (_since, _sinceAt) = (lease.Pooled.Connection.ReadProcessorTime(), _time.GetTimestamp());
        if (before is { } then && _since is { } now && IsShort(then, now, _time.GetElapsedTime(beforeAt, _sinceAt))
            && lease.Pool.TryAcquireGathering(lease) is { } there)
        {
            _opening = new Opening(there, _path, Entry);
        }
    }

    /// <summary>Ready to run longer than running, and for a good part of the time: others have the processors.</summary>
    private static bool IsShort(ProcessorTime then, ProcessorTime now, TimeSpan elapsed)
    {
        var waited = now.Waited - then.Waited;
        return waited >= now.Ran - then.Ran && waited >= elapsed / 10;
    }

    /// <summary>From here on the rest is the other connection's.</summary>
    private bool TryTurnTo(Leased<RemoteReadStream> opened)
    {
        if (opened.Lease.Pooled.Connection.IsBroken || _current.Value.Curtail() is not { } offset)
        {
            return false;
        }

        opened.Value.AllowSynchronousContinuations = AllowSynchronousContinuations;
        opened.Value.SelectRange(offset, _end - offset);
        _next = opened;
        return true;
    }

    /// <summary>The file, being opened elsewhere in the background.</summary>
    private sealed class Opening : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _task;
        private Leased<RemoteReadStream>? _opened;
        private bool _ended;

        /// <param name="lease">Ended here where nothing comes of it.</param>
        /// <param name="path">The file.</param>
        /// <param name="entry">What it was when it was opened first.</param>
        public Opening(ConnectionLease lease, RemotePath path, RemoteEntry entry) => _task = OpenAsync(lease, path, entry);

        /// <summary>What was opened, once; null before and after that, and where nothing came of it.</summary>
        public Leased<RemoteReadStream>? Take() => Volatile.Read(ref _opened) is null ? null : Interlocked.Exchange(ref _opened, null);

        /// <summary>Gives back what was not taken. Again: does nothing.</summary>
        public async ValueTask DisposeAsync()
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            await _end.CancelAsync();
            await _task;
            if (Take() is { } opened)
            {
                await opened.DisposeAsync();
            }

            _end.Dispose();
        }

        private async Task OpenAsync(ConnectionLease lease, RemotePath path, RemoteEntry entry)
        {
            RemoteReadStream? stream = null;
            try
            {
                stream = await SameFile.OpenAsync(lease.Connection, path, entry, _end.Token);
            }
            catch (Exception)
            {
                // The download stays where it is.
            }

            if (stream is null)
            {
                await lease.DisposeAsync();
                return;
            }

            Volatile.Write(ref _opened, new Leased<RemoteReadStream>(stream, lease));
        }
    }
}
