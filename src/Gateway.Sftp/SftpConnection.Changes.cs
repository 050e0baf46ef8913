using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <content>
/// What changes the server. Version 3 answers most failures with FAILURE and no more: the cause is found by looking at what is there.
/// </content>
internal sealed partial class SftpConnection
{
    public override async ValueTask CreateDirectoryAsync(RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            if (path.IsRoot)
            {
                throw new BackendException(BackendError.AlreadyExists, "The root exists.") { Path = path };
            }

            var real = await _root.EnsureParentAsync(path, cancellationToken);
            if (await LookAtLinkAsync(path) is not null)
            {
                // Before, because some servers (rclone) are content with a folder that is there.
                throw new BackendException(BackendError.AlreadyExists, "Something exists at this path already.") { Path = path };
            }

            await DoAsync(_channel.MakeDirectory(real), cancellationToken);
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
            var real = await _root.EnsureParentAsync(path, cancellationToken);

            // Some servers (rclone) remove whatever has the name, by REMOVE and RMDIR alike: look before, not after.
            if ((await AskAsync(_channel.LStat(real), cancellationToken)).IsDirectory)
            {
                throw new BackendException(BackendError.IsADirectory, "This is a folder.") { Path = path };
            }

            await DoAsync(_channel.Remove(real), cancellationToken);
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

            var real = await _root.EnsureParentAsync(path, cancellationToken);
            var attributes = await AskAsync(_channel.LStat(real), cancellationToken);
            if (!attributes.IsDirectory && !attributes.HasNoType)
            {
                throw new BackendException(BackendError.NotADirectory, "This is not a folder.") { Path = path };
            }

            await DoAsync(_channel.RemoveDirectory(real), cancellationToken);
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

            var realFrom = await _root.EnsureParentAsync(from, cancellationToken);
            var realTo = await _root.EnsureParentAsync(to, cancellationToken);
            var existing = await LookBothAsync(realFrom, realTo, cancellationToken);
            if (from == to)
            {
                return;
            }

            if (existing is { } target && (!overwrite || target.IsDirectory))
            {
                throw new BackendException(BackendError.AlreadyExists, target.IsDirectory ? "A folder has this name already." : "Something exists at this path already.") { Path = to };
            }

            await MoveAsync(realFrom, realTo, overwrite, existing is not null, cancellationToken);
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
            var real = await _root.EnsureParentAsync(path, cancellationToken);
            var attributes = await AskAsync(_channel.LStat(real), cancellationToken);

            // SETSTAT follows links, so it is told where the link leads after that was found to be below the root.
            real = await FollowAsync(path, real, attributes, cancellationToken);
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

    internal async ValueTask<BackendException> ExplainRenameAsync(SftpStatusException error, RemotePath from, RemotePath to, bool overwrite)
    {
        if (error.Code is SftpStatusCode.Failure or SftpStatusCode.FileAlreadyExists && await LookAtLinkAsync(to) is { } target && (!overwrite || target.IsDirectory))
        {
            return new BackendException(BackendError.AlreadyExists, "Something exists at this path already.", error) { Path = to };
        }

        return error.Code is SftpStatusCode.NoSuchFile or SftpStatusCode.Failure && await LookAtLinkAsync(from) is not null
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

    private async ValueTask<BackendException> ExplainParentAsync(SftpStatusException error, RemotePath path)
    {
        if (error.Code is not (SftpStatusCode.NoSuchFile or SftpStatusCode.NoSuchPath or SftpStatusCode.Failure))
        {
            return Explain(error, path);
        }

        if (await LookAsync(path.Parent) is { IsDirectory: false })
        {
            return new BackendException(BackendError.NotADirectory, "A part of the path is not a folder.", error) { Path = path };
        }

        return error.Code == SftpStatusCode.Failure
            ? Explain(error, path)
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
    private async ValueTask<SftpAttributes?> LookBothAsync(string from, string to, CancellationToken cancellationToken)
    {
        var first = _channel.LStat(from);
        var second = _channel.LStat(to);
        _channel.Flush();
        var source = first.TakeAttributesAsync(cancellationToken);
        var target = second.TakeAttributesAsync(cancellationToken);
        var found = await source.SettleAsync();
        var existing = await target.SettleAsync();
        ThrowFirst(found.Error);
        return existing.IsMissing ? null : existing.Value;
    }

    /// <summary>Like <see cref="LookAsync"/>, of a link itself.</summary>
    private async ValueTask<SftpAttributes?> LookAtLinkAsync(RemotePath path)
    {
        try
        {
            return await AskAsync(_channel.LStat(_root.Locate(path)), CancellationToken.None);
        }
        catch (Exception e)
        {
            return LookedInVain(e, path);
        }
    }
}
