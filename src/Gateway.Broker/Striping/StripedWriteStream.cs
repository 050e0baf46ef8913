using System.Buffers;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Broker.Striping;

/// <summary>
/// A large upload to a distant server, written over several connections at once where one connection's window is what limits it:
/// <see cref="StripedReadStream"/>'s counterpart. To a near server it takes two, where processors are what limits it.
/// </summary>
/// <remarks>
/// Every connection has the one temporary file open, and writes where its bytes belong. The file gets its name only when every write of
/// every connection was confirmed, all of them have closed it, and its length is right. What was sent is not kept: where a
/// connection dies with writes that were not confirmed, the upload fails, as it does without further connections.
/// </remarks>
internal sealed class StripedWriteStream : RemoteWriteStream
{
    /// <summary>Two wait for each other less than one does for itself: 5 to 8 % more on two processors. One processor has nothing to fill.</summary>
    private static readonly int MostNear = Math.Min(2, Environment.ProcessorCount);

    private readonly RemoteWriteStream _first;
    private readonly long? _length;
    private readonly TimeProvider _time;
    private readonly StripePace _pace;
    private readonly StripeMembers<IAsyncDisposable> _members;

    private StripedWriteStream(Leased<RemoteWriteStream> opened, long? length, int most, TimeProvider time)
    {
        _first = opened.Value;
        _length = length;
        _time = time;
        _pace = new StripePace(time, opened.Lease.Connection, most, MostNear);
        _members = new StripeMembers<IAsyncDisposable>(opened.Lease.Pool, _first.OpenMemberAsync, _first.TryJoin, _first.Part);
    }

    /// <summary>Makes an upload that was begun use several connections, if it is one of those that may be worth it.</summary>
    public static Leased<RemoteWriteStream> Over(Leased<RemoteWriteStream> opened, long? length, TimeProvider time)
    {
        var most = opened.Lease.Pool.Definition.ConnectionsPerTransfer;
        return StripePace.IsWorth(opened.Lease.Pooled.Connection, length ?? long.MaxValue, most, MostNear)
            ? new Leased<RemoteWriteStream>(new StripedWriteStream(opened, length, most, time), opened.Lease)
            : opened;
    }

    /// <inheritdoc/>
    public override long Length => _first.Length;

    /// <inheritdoc/>
    public override int PreferredWriteSize => _first.PreferredWriteSize;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        if (_members.AreReady)
        {
            _members.Admit();
        }

        var count = data.Length;
        var started = _time.GetTimestamp();
        await _first.WriteAsync(data, cancellationToken);
        if (_pace.Count(count, started))
        {
            _members.Approach(_pace.Decide(1 + _members.Count, _length - Length) - 1);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<bool> TryCopyFromAsync(RemoteReadStream source, CancellationToken cancellationToken) =>
        _first.TryCopyFromAsync(source, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken)
    {
        await _members.DisposeAsync();
        return await _first.CommitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _members.DisposeAsync();
        await _first.DisposeAsync();
    }
}
