namespace Gateway.Broker.Backends;

/// <summary>
/// A file open for reading. Usage: look at <see cref="Entry"/>, choose a range (or none: the whole file), read until 0.
/// One caller, one read at a time.
/// </summary>
/// <remarks>
/// The buffer of <see cref="ReadAsync"/> may be handed to the connection's read loop to receive into: it belongs to the
/// stream until the returned task has ended, also when it was cancelled. Reading ahead is bounded and grows only while the
/// consumer waits. Disposing before the end cancels what is in flight and leaves the connection usable or broken.
/// </remarks>
public abstract class RemoteReadStream : IAsyncDisposable
{
    /// <summary>The file's metadata when it was opened. <see cref="RemoteEntry.Size"/> is null where the server does not tell.</summary>
    public abstract RemoteEntry Entry { get; }

    /// <summary>A buffer of at least this many bytes lets payload be received in place, without a copy.</summary>
    public abstract int PreferredReadSize { get; }

    /// <summary>
    /// Whether a read may end on the very thread that receives for the whole connection, where more of the file is to come. For a consumer that
    /// only passes the bytes on, and never blocks: they are still in the processor's cache then, and no other thread is woken up. Until it reads
    /// again, all others on the connection wait with it. Off at first.
    /// </summary>
    public virtual bool AllowSynchronousContinuations { get; set; }

    /// <summary>
    /// Chooses what the next reads return. Allowed before the first read, and again once the range before was read to its end.
    /// </summary>
    /// <param name="offset">First byte, from the start of the file; at most the size.</param>
    /// <param name="length">Bytes; null: to the end of the file.</param>
    public abstract void SelectRange(long offset, long? length);

    /// <summary>
    /// The file's metadata as it is now: of the open file where the protocol has such a thing, else of what has its name. Allowed where
    /// <see cref="SelectRange"/> is: whoever reads several ranges can tell whether they belong to one content.
    /// </summary>
    public abstract ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken);

    /// <summary>Reads the next bytes of the selected range, in order.</summary>
    /// <param name="buffer">At least one byte.</param>
    /// <param name="cancellationToken">The caller's; throws <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// The number of bytes; 0 only when the range is complete and the server confirmed it. A file that turns out shorter than
    /// announced, or a transfer that ended without its proof of completeness, throws <see cref="BackendException"/>.
    /// </returns>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>
    /// From now on reads are spread over <paramref name="member"/>, too: the same file, opened on another connection and never read from
    /// directly. To be called between two reads. A member whose connection fails is done without, as is this stream's own connection
    /// while there is a member.
    /// </summary>
    /// <returns>False, with nothing done, where this cannot be.</returns>
    public virtual bool TryJoin(RemoteReadStream member) => false;

    /// <summary>
    /// Ends what <see cref="TryJoin"/> began, at any time and on any thread: on return the member is not used any more, and may be disposed.
    /// What it was asked for is read elsewhere.
    /// </summary>
    public virtual void Part(RemoteReadStream member)
    {
    }

    /// <summary>
    /// Ends the selected range behind what has been asked of the server already: reads return what is on its way, then 0. For whoever reads the
    /// rest elsewhere. To be called between two reads.
    /// </summary>
    /// <returns>The offset where the range ends now; null, with nothing done, where all of it was asked for, or nobody can tell.</returns>
    public virtual long? Curtail() => null;

    /// <summary>Closes the remote file. Never throws; a connection that cannot be cleaned up is broken instead.</summary>
    public abstract ValueTask DisposeAsync();
}
