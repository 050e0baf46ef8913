using System.Security.Cryptography;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <content>
/// What changes the server. Version 3 answers most failures with FAILURE and no more: the cause is found by looking at what is there.
/// </content>
internal sealed partial class SftpConnection
{
    public override async ValueTask<RemoteWriteStream> OpenWriteAsync(RemotePath path, WriteOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (path.IsRoot)
            {
                throw new BackendException(BackendError.IsADirectory, "The root is a folder.") { Path = path };
            }

            await _root.EnsureAsync(path.Parent, cancellationToken);
            var target = await FindTargetAsync(path, options, cancellationToken);
            var temporary = TemporaryBeside(target.ServerPath);
            var open = _channel.Open(temporary, SftpOpenFlags.Write | SftpOpenFlags.Create | SftpOpenFlags.Exclusive);
            _channel.Flush();
            return new SftpWriteStream(this, _channel, path, target, temporary, await TakeTemporaryAsync(open, temporary, path, cancellationToken), options);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
        }
    }

    public override async ValueTask CreateDirectoryAsync(RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            if (path.IsRoot)
            {
                throw new BackendException(BackendError.AlreadyExists, "The root exists.") { Path = path };
            }

            await _root.EnsureAsync(path.Parent, cancellationToken);
            await DoAsync(_channel.MakeDirectory(_root.Locate(path)), cancellationToken);
        }
        catch (SftpStatusException e)
        {
            if (e.Code != SftpStatusCode.NoSuchFile && await LookAtLinkAsync(path) is not null)
            {
                throw new BackendException(BackendError.AlreadyExists, "Something exists at this path already.", e) { Path = path };
            }

            throw await ExplainParentAsync(e, path);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
        }
    }

    public override async ValueTask DeleteFileAsync(RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            await _root.EnsureAsync(path.Parent, cancellationToken);
            await DoAsync(_channel.Remove(_root.Locate(path)), cancellationToken);
        }
        catch (SftpStatusException e) when (e.Code != SftpStatusCode.NoSuchFile)
        {
            // unlink(2) of a folder is EISDIR on Linux and EPERM elsewhere.
            throw await LookAtLinkAsync(path) is { IsDirectory: true }
                ? new BackendException(BackendError.IsADirectory, "This is a folder.", e) { Path = path }
                : Explain(e, path);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
        }
    }

    public override async ValueTask DeleteDirectoryAsync(RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            if (path.IsRoot)
            {
                throw new BackendException(BackendError.PermissionDenied, "The backend's root cannot be removed.") { Path = path };
            }

            await _root.EnsureAsync(path.Parent, cancellationToken);
            await DoAsync(_channel.RemoveDirectory(_root.Locate(path)), cancellationToken);
        }
        catch (SftpStatusException e)
        {
            throw await ExplainRemoveDirectoryAsync(e, path, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
        }
    }

    public override async ValueTask RenameAsync(RemotePath from, RemotePath to, bool overwrite, CancellationToken cancellationToken)
    {
        try
        {
            if (from.IsRoot || to.IsRoot || (to.IsWithin(from) && to != from))
            {
                throw new BackendException(BackendError.InvalidPath, "A folder cannot be moved into itself, and the root cannot be moved.") { Path = to };
            }

            await _root.EnsureAsync(from.Parent, cancellationToken);
            await _root.EnsureAsync(to.Parent, cancellationToken);
            var existing = await LookBothAsync(from, to, cancellationToken);
            if (from == to)
            {
                return;
            }

            if (existing is { } target && (!overwrite || target.IsDirectory))
            {
                throw new BackendException(BackendError.AlreadyExists, target.IsDirectory ? "A folder has this name already." : "Something exists at this path already.") { Path = to };
            }

            await MoveAsync(_root.Locate(from), _root.Locate(to), overwrite, existing is not null, cancellationToken);
        }
        catch (SftpStatusException e)
        {
            throw await ExplainRenameAsync(e, from, to, overwrite);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, from);
        }
    }

    public override async ValueTask SetAttributesAsync(
        RemotePath path, DateTimeOffset? modified, int? permissions, CancellationToken cancellationToken)
    {
        try
        {
            await _root.EnsureAsync(path.Parent, cancellationToken);
            var attributes = await AskAsync(_channel.LStat(_root.Locate(path)), cancellationToken);

            // SETSTAT follows links, so it is told where the link leads after that was found to be below the root.
            var real = attributes.IsSymlink ? await _root.ResolveLinkAsync(path, cancellationToken) : _root.Locate(path);
            await DoAsync(_channel.SetStat(real, permissions & 0xFFF, ToSftpTime(modified)), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
        }
    }

    /// <summary>
    /// Renames <paramref name="from"/> to <paramref name="to"/>; where the server has no renaming over a target, the old target steps aside
    /// first and comes back if the renaming fails.
    /// </summary>
    internal async ValueTask MoveAsync(string from, string to, bool overwrite, bool exists, CancellationToken cancellationToken)
    {
        if (!overwrite || (!exists && !_channel.Extensions.PosixRename))
        {
            await DoAsync(_channel.Rename(from, to), cancellationToken);
        }
        else if (_channel.Extensions.PosixRename)
        {
            await DoAsync(_channel.PosixRename(from, to), cancellationToken);
        }
        else
        {
            // Once begun this is carried through: a caller that leaves must not leave the target missing.
            var aside = TemporaryBeside(to);
            await DoAsync(_channel.Rename(to, aside), cancellationToken);
            try
            {
                await DoAsync(_channel.Rename(from, to), CancellationToken.None);
            }
            catch
            {
                await DoAsync(_channel.Rename(aside, to), CancellationToken.None);
                throw;
            }

            await DoAsync(_channel.Remove(aside), CancellationToken.None);
        }
    }

    /// <summary>Removes a temporary file, now or, where the connection is gone, on the backend's next one. Never throws.</summary>
    internal async ValueTask RemoveTemporaryAsync(string serverPath)
    {
        try
        {
            await DoAsync(_channel.Remove(serverPath), CancellationToken.None);
        }
        catch (SftpStatusException)
        {
            // Not there, or not ours to remove: nothing more can be done.
        }
        catch (Exception)
        {
            _abandoned.Add(serverPath);
        }
    }

    /// <summary>A failure without a cause while writing: a full disk is the usual one, and statvfs can tell.</summary>
    internal async ValueTask<BackendException> ExplainWriteAsync(Exception error, string serverPath, RemotePath path)
    {
        if (error is SftpStatusException { Code: SftpStatusCode.Failure } && _channel.Extensions.StatVfs && !IsBroken)
        {
            try
            {
                var request = _channel.StatVfs(serverPath);
                _channel.Flush();
                if (await request.TakeFreeSpaceAsync(CancellationToken.None) is < 1024 * 1024)
                {
                    return new BackendException(BackendError.InsufficientStorage, "The server has no space left for this account.", error) { Path = path };
                }
            }
            catch (Exception e) when (e is SftpStatusException or SftpChannelException or SftpTimeoutException or SftpProtocolException)
            {
                // The first failure is the one to report.
            }
        }

        return Explain(error, path);
    }

    internal async ValueTask<BackendException> ExplainRenameAsync(SftpStatusException error, RemotePath from, RemotePath to, bool overwrite)
    {
        if (error.Code is SftpStatusCode.Failure or SftpStatusCode.FileAlreadyExists && await LookAtLinkAsync(to) is { } target && (!overwrite || target.IsDirectory))
        {
            return new BackendException(BackendError.AlreadyExists, "Something exists at this path already.", error) { Path = to };
        }

        return error.Code == SftpStatusCode.NoSuchFile && await LookAtLinkAsync(from) is not null
            ? await ExplainParentAsync(error, to)
            : Explain(error, from);
    }

    internal ValueTask DoAsync(SftpRequest request, CancellationToken cancellationToken)
    {
        _channel.Flush();
        return request.TakeOkAsync(cancellationToken);
    }

    /// <summary>Version 3 counts seconds since 1970 in 32 bits without a sign.</summary>
    internal static uint? ToSftpTime(DateTimeOffset? time) => time is { } value
        ? (uint)Math.Clamp(value.ToUnixTimeSeconds(), 0, uint.MaxValue)
        : null;

    /// <summary>Where an upload will end: the path itself, or what the link there points to.</summary>
    private async ValueTask<SftpUploadTarget> FindTargetAsync(RemotePath path, WriteOptions options, CancellationToken cancellationToken)
    {
        var serverPath = _root.Locate(path);
        SftpAttributes existing;
        try
        {
            existing = await AskAsync(_channel.LStat(serverPath), cancellationToken);
            if (existing.IsSymlink)
            {
                serverPath = await _root.ResolveLinkAsync(path, cancellationToken);
                existing = await AskAsync(_channel.Stat(serverPath), cancellationToken);
            }
        }
        catch (SftpStatusException e) when (e.Code is SftpStatusCode.NoSuchFile or SftpStatusCode.NoSuchPath)
        {
            return new SftpUploadTarget(serverPath, null);
        }

        if (existing.IsDirectory)
        {
            throw new BackendException(BackendError.IsADirectory, "A folder has this name.") { Path = path };
        }

        return options.Overwrite
            ? new SftpUploadTarget(serverPath, (existing.Flags & SftpAttributes.HasMode) != 0 ? (int)(existing.Mode & 0x1FF) : null)
            : throw new BackendException(BackendError.AlreadyExists, "A file exists at this path already.") { Path = path };
    }

    private async ValueTask<SftpHandle> TakeTemporaryAsync(SftpRequest open, string temporary, RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await open.TakeHandleAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // OPEN may well succeed after the caller left: what it creates is removed behind it.
            Try(() => _channel.Remove(temporary).Release());
            throw;
        }
        catch (SftpStatusException e) when (e.Code == SftpStatusCode.Failure)
        {
            throw await ExplainWriteAsync(e, _root.Locate(path.Parent), path);
        }
        catch (SftpStatusException e)
        {
            throw await ExplainParentAsync(e, path);
        }
    }

    private async ValueTask<BackendException> ExplainParentAsync(SftpStatusException error, RemotePath path)
    {
        if (error.Code is not (SftpStatusCode.NoSuchFile or SftpStatusCode.NoSuchPath))
        {
            return Explain(error, path);
        }

        return await LookAsync(path.Parent) is { IsDirectory: false }
            ? new BackendException(BackendError.NotADirectory, "A part of the path is not a folder.", error) { Path = path }
            : new BackendException(BackendError.NotFound, "The folder that should hold it does not exist.", error) { Path = path };
    }

    private async ValueTask<BackendException> ExplainRemoveDirectoryAsync(SftpStatusException error, RemotePath path, CancellationToken cancellationToken)
    {
        if (await LookAtLinkAsync(path) is not { } existing)
        {
            return Explain(error, path);
        }

        if (!existing.IsDirectory)
        {
            return new BackendException(BackendError.NotADirectory, "This is not a folder.", error) { Path = path };
        }

        return error.Code == SftpStatusCode.Failure && await HasEntriesAsync(path, cancellationToken)
            ? new BackendException(BackendError.NotEmpty, "The folder is not empty.", error) { Path = path }
            : Explain(error, path);
    }

    private async ValueTask<bool> HasEntriesAsync(RemotePath path, CancellationToken cancellationToken)
    {
        await foreach (var _ in ListAsync(path, cancellationToken))
        {
            return true;
        }

        return false;
    }

    /// <summary>Both ends of a renaming: the first must exist, the second may.</summary>
    private async ValueTask<SftpAttributes?> LookBothAsync(RemotePath from, RemotePath to, CancellationToken cancellationToken)
    {
        var source = _channel.LStat(_root.Locate(from)).TakeAttributesAsync(cancellationToken);
        var target = AskAsync(_channel.LStat(_root.Locate(to)), cancellationToken);
        var failure = await CatchAsync(source);
        try
        {
            var existing = await target;
            return failure is null ? existing : throw Explain(failure, from);
        }
        catch (SftpStatusException e) when (e.Code is SftpStatusCode.NoSuchFile or SftpStatusCode.NoSuchPath)
        {
            return failure is null ? null : throw Explain(failure, from);
        }
    }

    /// <summary>Like <see cref="LookAsync"/>, of a link itself.</summary>
    private async ValueTask<SftpAttributes?> LookAtLinkAsync(RemotePath path)
    {
        try
        {
            return await AskAsync(_channel.LStat(_root.Locate(path)), CancellationToken.None);
        }
        catch (Exception e) when (e is SftpStatusException or SftpChannelException or SftpTimeoutException)
        {
            return null;
        }
    }

    /// <summary>
    /// A name of its own, not one made from the target's: that may be as long as a name can be.
    /// </summary>
    private static string TemporaryBeside(string serverPath) =>
        $"{serverPath[..(serverPath.LastIndexOf('/') + 1)]}.gateway-{RandomNumberGenerator.GetHexString(16, lowercase: true)}.part";
}
