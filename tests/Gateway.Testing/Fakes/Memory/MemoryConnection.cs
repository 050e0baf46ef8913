using System.Runtime.CompilerServices;
using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes.Memory;

/// <summary>A connection to a <see cref="MemoryBackend"/>.</summary>
internal sealed class MemoryConnection(MemoryBackend backend) : BackendConnection
{
    private readonly CancellationTokenSource _lost = new();

    public override BackendCapabilities Capabilities => backend.Capabilities;

    public override TimeSpan Silence => backend.Silence;

    public override ValueTask ProbeAsync(CancellationToken cancellationToken) => DoAsync(MemoryOperation.Probe, RemotePath.Root, cancellationToken);

    public override async ValueTask<RemoteEntry> GetEntryAsync(RemotePath path, bool followSymlink, CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.GetEntry, path, cancellationToken);
        return backend.Get(path, followSymlink).Describe(path.Name);
    }

    public override async IAsyncEnumerable<RemoteEntry> ListAsync(RemotePath path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.List, path, cancellationToken);
        if (backend.Get(path, followSymlink: true).Type != RemoteEntryType.Directory)
        {
            throw new BackendException(BackendError.NotADirectory, "This is no folder.") { Path = path };
        }

        foreach (var entry in backend.Children(path))
        {
            await DoAsync(MemoryOperation.NextEntry, path, cancellationToken);
            yield return entry;
        }
    }

    public override async ValueTask<RemoteReadStream> OpenReadAsync(RemotePath path, CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.OpenRead, path, cancellationToken);
        var node = backend.Get(path, followSymlink: true);
        return node.Type == RemoteEntryType.Directory
            ? throw new BackendException(BackendError.IsADirectory, "This is a folder.") { Path = path }
            : new MemoryReadStream(backend, this, path, node);
    }

    public override async ValueTask<RemoteWriteStream> OpenWriteAsync(RemotePath path, WriteOptions options, CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.OpenWrite, path, cancellationToken);
        backend.RequireParent(path);
        if (backend.Find(path.Value) is { } node)
        {
            if (node.Type == RemoteEntryType.Directory)
            {
                throw new BackendException(BackendError.IsADirectory, "This is a folder.") { Path = path };
            }

            if (!options.Overwrite)
            {
                throw new BackendException(BackendError.AlreadyExists, "The file exists.") { Path = path };
            }
        }

        return new MemoryWriteStream(backend, this, path, options);
    }

    public override async ValueTask CreateDirectoryAsync(RemotePath path, CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.CreateDirectory, path, cancellationToken);
        backend.Put(path, new MemoryNode { Type = RemoteEntryType.Directory, Modified = backend.Time.GetUtcNow() }, overwrite: false);
    }

    public override async ValueTask DeleteFileAsync(RemotePath path, CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.DeleteFile, path, cancellationToken);
        backend.Remove(path, isFolder: false);
    }

    public override async ValueTask DeleteDirectoryAsync(RemotePath path, CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.DeleteDirectory, path, cancellationToken);
        backend.Remove(path, isFolder: true);
    }

    public override async ValueTask RenameAsync(RemotePath from, RemotePath to, bool overwrite, CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.Rename, from, cancellationToken);
        backend.Rename(from, to, overwrite);
    }

    public override async ValueTask SetAttributesAsync(
        RemotePath path, DateTimeOffset? modified, int? permissions, CancellationToken cancellationToken)
    {
        await DoAsync(MemoryOperation.SetAttributes, path, cancellationToken);
        backend.Change(path, node => node with { Modified = modified ?? node.Modified, Permissions = permissions ?? node.Permissions });
    }

    public override ValueTask DisposeAsync()
    {
        backend.Forget(this);
        return default;
    }

    /// <summary>Runs the backend's hook, and fails as everything under way does when the connection breaks.</summary>
    internal async ValueTask DoAsync(MemoryOperation operation, RemotePath path, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lost.Token);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            await backend.PauseAsync(operation, path, either.Token);
        }
        catch (OperationCanceledException) when (Broken.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            throw (await Broken).Copy();
        }
    }

    protected override void OnBroken(BackendException reason) => _lost.Cancel();
}
