using System.Runtime.CompilerServices;

namespace Gateway.Broker.Backends;

/// <summary>
/// One authenticated conversation with a backend. Operations may run at the same time as far as the connector
/// <see cref="IBackendConnector.IsShareable">says so</see>.
/// </summary>
/// <remarks>
/// A file error (no such file, no permission) leaves the connection usable. A transport or framing error breaks it:
/// <see cref="Break"/> runs once, the first reason wins, and every operation under way fails with it at once.
/// A cancelled operation leaves a usable connection or a broken one, never one that is out of step.
/// Every operation has its own deadline (<see cref="BackendSettings.OperationTimeout"/>) and then throws
/// <see cref="BackendError.Timeout"/>; the caller's token gives <see cref="OperationCanceledException"/>. All throw
/// <see cref="BackendException"/> for everything else.
/// </remarks>
public abstract class BackendConnection : IAsyncDisposable
{
    private readonly TaskCompletionSource<BackendException> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes, with the reason, when the connection became unusable; also without any operation under way.</summary>
    public Task<BackendException> Broken => _broken.Task;

    /// <summary>Whether the connection is unusable.</summary>
    public bool IsBroken => _broken.Task.IsCompleted;

    /// <summary>What the server can do.</summary>
    public abstract BackendCapabilities Capabilities { get; }

    /// <summary>Makes the connection unusable. Only the first reason counts; later calls do nothing.</summary>
    /// <returns>Whether this call was the first.</returns>
    public bool Break(BackendException reason)
    {
        if (!_broken.TrySetResult(reason))
        {
            return false;
        }

        OnBroken(reason);
        return true;
    }

    /// <summary>Most leases that the server bears on this connection at once, where it told.</summary>
    public virtual int MaxLeases => int.MaxValue;

    /// <summary>
    /// Bytes of content that were asked of the server and have not arrived, or were sent and are not confirmed, of all operations
    /// together; null where the connection cannot tell.
    /// </summary>
    public virtual long? BytesInFlight => null;

    /// <summary>
    /// How long the server has said nothing: the time since its last reply or payload. Keep-alives below the protocol do not count.
    /// </summary>
    public abstract TimeSpan Silence { get; }

    /// <summary>The shortest time that passed between a request and its reply; null where several connections could not speed a transfer up.</summary>
    public virtual TimeSpan? RoundTrip => null;

    /// <summary>Most bytes of a transfer that are under way at once, however fast the line is: with a long round trip that limits its rate.</summary>
    public virtual long BytesPerRoundTrip => long.MaxValue;

    /// <summary>
    /// What the processors gave the process that carries this connection, since its start; null where it has none of its own, or nobody can tell.
    /// A few microseconds, and no wait.
    /// </summary>
    public virtual ProcessorTime? ReadProcessorTime() => null;

    /// <summary>The cheapest request that proves the server still answers (SFTP REALPATH, FTP NOOP).</summary>
    public abstract ValueTask ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Metadata of one entry.</summary>
    /// <param name="path">The entry.</param>
    /// <param name="followSymlink">True: of what a symlink points to. False: of the link itself.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public abstract ValueTask<RemoteEntry> GetEntryAsync(RemotePath path, bool followSymlink, CancellationToken cancellationToken);

    /// <summary>
    /// Where <paramref name="path"/> lies once every symlink in it is followed, the last segment's too; what does not exist is where it would be
    /// created. A protocol that cannot tell (FTP) gives the path back.
    /// </summary>
    /// <returns>Null where that is outside the backend's root, or has a name that no path can hold.</returns>
    public virtual ValueTask<RemotePath?> ResolveAsync(RemotePath path, CancellationToken cancellationToken) => new(path);

    /// <summary>
    /// Entries of a folder in the server's order, without <c>.</c> and <c>..</c>, read as they are consumed: memory does not
    /// grow with the folder. Links are reported as links. A failure half-way throws; it never ends the sequence early.
    /// </summary>
    public abstract IAsyncEnumerable<RemoteEntry> ListAsync(RemotePath path, CancellationToken cancellationToken);

    /// <summary>
    /// The same as <see cref="ListAsync"/>, by as many entries as came together; a batch holds until the next one is asked for. For large
    /// folders that are read whole: the steps from entry to entry cost more than the entries.
    /// </summary>
    public virtual async IAsyncEnumerable<ReadOnlyMemory<RemoteEntry>> ListBatchesAsync(
        RemotePath path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new RemoteEntry[1];
        await foreach (var entry in ListAsync(path, cancellationToken))
        {
            batch[0] = entry;
            yield return batch;
        }
    }

    /// <summary>Opens a file for reading. No payload moves before the first read.</summary>
    public abstract ValueTask<RemoteReadStream> OpenReadAsync(RemotePath path, CancellationToken cancellationToken);

    /// <summary>
    /// Starts an upload: creates a temporary file beside the target. Fails at once where the parent is missing
    /// (<see cref="BackendError.NotFound"/>), the target is a folder, or it exists and <see cref="WriteOptions.Overwrite"/> is false.
    /// </summary>
    public abstract ValueTask<RemoteWriteStream> OpenWriteAsync(RemotePath path, WriteOptions options, CancellationToken cancellationToken);

    /// <summary>Creates one folder; its parent must exist. <see cref="BackendError.AlreadyExists"/> where anything has the name.</summary>
    public abstract ValueTask CreateDirectoryAsync(RemotePath path, CancellationToken cancellationToken);

    /// <summary>Removes a file or a symlink (never its target). <see cref="BackendError.IsADirectory"/> for a folder.</summary>
    public abstract ValueTask DeleteFileAsync(RemotePath path, CancellationToken cancellationToken);

    /// <summary>Removes an empty folder. <see cref="BackendError.NotEmpty"/>, <see cref="BackendError.NotADirectory"/>.</summary>
    public abstract ValueTask DeleteDirectoryAsync(RemotePath path, CancellationToken cancellationToken);

    /// <summary>
    /// Renames a file or folder. Without <paramref name="overwrite"/> an existing target is
    /// <see cref="BackendError.AlreadyExists"/>; with it, an existing file is replaced (atomically where
    /// <see cref="BackendCapabilities.AtomicReplace"/>), an existing folder is never.
    /// </summary>
    public abstract ValueTask RenameAsync(RemotePath from, RemotePath to, bool overwrite, CancellationToken cancellationToken);

    /// <summary>Sets what is not null. <see cref="BackendError.NotSupported"/> where the server cannot.</summary>
    public abstract ValueTask SetAttributesAsync(
        RemotePath path, DateTimeOffset? modified, int? permissions, CancellationToken cancellationToken);

    /// <summary>
    /// Closes politely within a few seconds, else by force: on return no process, socket or descriptor is left.
    /// </summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Fails every operation under way with <paramref name="reason"/>. Called once, outside any lock.</summary>
    protected abstract void OnBroken(BackendException reason);
}
