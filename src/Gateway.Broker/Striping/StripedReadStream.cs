using System.Runtime.CompilerServices;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Broker.Striping;

/// <summary>
/// A large file on a distant server, read over several connections at once where one connection's window is what limits it.
/// </summary>
/// <remarks>
/// <para><b>When.</b> Only files of several windows on servers some milliseconds away are opened as this; all others never meet this class.
/// The transfer begins on its one connection. When it has proved to be limited by that connection's window and by nothing else
/// (<see cref="StripePace"/>), further leases are taken: of connections that are idle, never the last idle one, never by waiting, never
/// while somebody waits or the server refuses logins (<see cref="ConnectionPool.TryAcquireExtra"/>). They are given back when a caller comes that
/// would have to share, and when they bring nothing.</para>
/// <para><b>How.</b> Each further connection opens the file by its path (<see cref="SameFile"/>). The driver then spreads its requests over
/// all of them (<see cref="RemoteReadStream.TryJoin"/>): the unit is one request, so that there is nothing to align, a fast connection gets more of them, and the requests of one that fails are
/// made again on the others. Bytes are delivered in order; no more is read ahead than each connection's window.</para>
/// </remarks>
internal sealed class StripedReadStream : RemoteReadStream
{
    /// <summary>A near server's one connection keeps two processors busy by itself.</summary>
    private const int MostNear = 1;

    private readonly RemoteReadStream _first;
    private readonly RemotePath _path;
    private readonly TimeProvider _time;
    private readonly StripePace _pace;
    private readonly StripeMembers<RemoteReadStream> _members;
    private long _left;

    private StripedReadStream(Leased<RemoteReadStream> opened, RemotePath path, int most, TimeProvider time)
    {
        _first = opened.Value;
        _path = path;
        _time = time;
        _left = _first.Entry.Size ?? 0;
        _pace = new StripePace(time, opened.Lease.Connection, most, MostNear);
        _members = new StripeMembers<RemoteReadStream>(opened.Lease.Pool, OpenMemberAsync, _first.TryJoin, _first.Part);
    }

    /// <summary>Makes a file that was opened use several connections, if it is one of those that may be worth it.</summary>
    public static Leased<RemoteReadStream> Over(Leased<RemoteReadStream> opened, RemotePath path, TimeProvider time)
    {
        var most = opened.Lease.Pool.Definition.ConnectionsPerTransfer;
        var entry = opened.Value.Entry;
        return entry.Size is { } size && StripePace.IsWorth(opened.Lease.Pooled.Connection, size, most, MostNear)
            && SameFile.CanTell(entry, time)
            ? new Leased<RemoteReadStream>(new StripedReadStream(opened, path, most, time), opened.Lease)
            : opened;
    }

    /// <inheritdoc/>
    public override RemoteEntry Entry => _first.Entry;

    /// <inheritdoc/>
    public override int PreferredReadSize => _first.PreferredReadSize;

    /// <inheritdoc/>
    public override bool AllowSynchronousContinuations
    {
        get => _first.AllowSynchronousContinuations;
        set => _first.AllowSynchronousContinuations = value;
    }

    /// <inheritdoc/>
    public override void SelectRange(long offset, long? length)
    {
        _first.SelectRange(offset, length);
        _left = length ?? (_first.Entry.Size ?? 0) - offset;
    }

    /// <inheritdoc/>
    public override ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken) => _first.GetCurrentEntryAsync(cancellationToken);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_members.AreReady)
        {
            _members.Admit();
        }

        var started = _time.GetTimestamp();
        var count = await _first.ReadAsync(buffer, cancellationToken);
        _left -= count;
        if (_pace.Count(count, started))
        {
            _members.Approach(_pace.Decide(1 + _members.Count, _left) - 1);
        }

        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _members.DisposeAsync();
        await _first.DisposeAsync();
    }

    private ValueTask<RemoteReadStream?> OpenMemberAsync(BackendConnection connection, CancellationToken cancellationToken) =>
        SameFile.OpenAsync(connection, _path, Entry, cancellationToken);
}
