using System.Buffers;

namespace Gateway.Broker.Backends;

/// <summary>
/// An upload under way, into a temporary file beside the target. It has two ends: <see cref="CommitAsync"/> gives the file its
/// name; anything else, <see cref="DisposeAsync"/> without a commit, abandons it and removes the temporary file.
/// </summary>
public abstract class RemoteWriteStream : IAsyncDisposable
{
    /// <summary>Bytes accepted so far.</summary>
    public abstract long Length { get; }

    /// <summary>A write of at least this many bytes fills a packet of the server's size.</summary>
    public abstract int PreferredWriteSize { get; }

    /// <summary>
    /// Sends the next bytes. On return the memory is no longer used; the bytes are on their way, not yet acknowledged. Waits
    /// where more than a bounded window is unacknowledged. An earlier write's failure is thrown by the next call.
    /// </summary>
    public abstract ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken);

    /// <summary>
    /// Lets the server copy the whole of <paramref name="source"/>, which must not have been read from, as the whole content, without
    /// the bytes coming here. To be called before any write; <see cref="CommitAsync"/> follows as after writes.
    /// </summary>
    /// <returns>
    /// False, with nothing done, where the server cannot (<see cref="BackendCapabilities.ServerSideCopy"/>) or the source belongs to another
    /// connection: then the bytes have to be read and written.
    /// </returns>
    public virtual ValueTask<bool> TryCopyFromAsync(RemoteReadStream source, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    /// <summary>
    /// Opens the temporary file on another connection, for <see cref="TryJoin"/>; null where the server is not known to put up with several
    /// writers of one file. Disposing it waits for the acknowledgements of what was written there, then closes the file there.
    /// </summary>
    public virtual ValueTask<IAsyncDisposable?> OpenMemberAsync(BackendConnection connection, CancellationToken cancellationToken) => default;

    /// <summary>From now on writes are spread over <paramref name="member"/>, too. To be called between two writes.</summary>
    /// <returns>False, with nothing done, where this cannot be.</returns>
    public virtual bool TryJoin(IAsyncDisposable member) => false;

    /// <summary>
    /// Ends that, at any time and on any thread: nothing more is written there. Every member must be parted from and disposed before
    /// <see cref="CommitAsync"/>, which fails if a write on any of them did.
    /// </summary>
    public virtual void Part(IAsyncDisposable member)
    {
    }

    /// <summary>
    /// Waits for every acknowledgement, flushes to disk where the server can, closes, compares the length on the server, sets
    /// the time, and renames. On failure nothing has changed under the final name.
    /// </summary>
    public abstract ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken);

    /// <summary>Abandons an upload that was not committed. Never throws.</summary>
    public abstract ValueTask DisposeAsync();
}
