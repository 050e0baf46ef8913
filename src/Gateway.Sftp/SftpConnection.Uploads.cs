using System.Security.Cryptography;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <content>Uploads: where they go, and what becomes of their temporary files.</content>
internal sealed partial class SftpConnection
{
    public override async ValueTask<RemoteWriteStream> OpenWriteAsync(RemotePath path, WriteOptions options, CancellationToken cancellationToken)
    {
        using var activity = _activities.StartOpen("write");
        try
        {
            if (path.IsRoot)
            {
                throw new BackendException(BackendError.IsADirectory, "The root is a folder.") { Path = path };
            }

            var serverPath = await _root.EnsureParentAsync(path, cancellationToken);
            return options.Overwrite
                ? await OpenWriteAtOnceAsync(path, serverPath, options, cancellationToken)
                : await OpenWriteInStepsAsync(path, serverPath, options, cancellationToken);
        }
        catch (SftpStatusException e)
        {
            // Of the folder, mostly: that of the target itself is dealt with where it is looked at.
            throw await ExplainParentAsync(e, path);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw SftpActivities.Fail(activity, Explain(e, path));
        }
    }

    /// <summary>Opens the temporary file of an upload that began on another connection.</summary>
    internal async ValueTask<SftpWriteLane> OpenLaneAsync(string temporary, RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            var open = _channel.Open(temporary, SftpOpenFlags.Write);
            _channel.Flush();
            return new SftpWriteLane(_channel, await open.TakeHandleAsync(cancellationToken));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
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

    /// <summary>Looks at the target and creates the temporary file with one round trip: most uploads are neither refused nor to a link.</summary>
    private async ValueTask<RemoteWriteStream> OpenWriteAtOnceAsync(
        RemotePath path, string serverPath, WriteOptions options, CancellationToken cancellationToken)
    {
        var temporary = TemporaryBeside(serverPath);
        var stat = _channel.LStat(serverPath);
        var open = OpenTemporary(temporary);
        _channel.Flush();
        var looking = stat.TakeAttributesAsync(cancellationToken);
        var opening = TakeTemporaryAsync(open, temporary, path, cancellationToken);
        var looked = await looking.SettleAsync();
        var opened = await opening.SettleAsync();
        if (looked.IsMissing && opened.IsValue)
        {
            return new SftpWriteStream(this, _channel, path, new SftpUploadTarget(serverPath, null), temporary, opened.Value, options);
        }

        var mayBeLink = looked.IsValue && MayBeLink(looked.Value);
        if (looked.IsValue && !mayBeLink && !looked.Value.IsDirectory && opened.IsValue)
        {
            return new SftpWriteStream(this, _channel, path, new SftpUploadTarget(serverPath, PermissionsOf(looked.Value)), temporary, opened.Value, options);
        }

        if (opened.IsValue)
        {
            CloseQuietly(opened.Value);
            await RemoveTemporaryAsync(temporary);
        }

        if (mayBeLink)
        {
            return await OpenWriteInStepsAsync(path, serverPath, options, cancellationToken);
        }

        ThrowFirst(looked.IsValue && looked.Value.IsDirectory ? TargetIsDirectory(path) : null, opened.Error, looked.Error);
        throw new InvalidOperationException("An open that failed has no failure.");
    }

    private async ValueTask<RemoteWriteStream> OpenWriteInStepsAsync(
        RemotePath path, string serverPath, WriteOptions options, CancellationToken cancellationToken)
    {
        var target = await FindTargetAsync(path, serverPath, options, cancellationToken);
        var temporary = TemporaryBeside(target.ServerPath);
        var open = OpenTemporary(temporary);
        _channel.Flush();
        return new SftpWriteStream(this, _channel, path, target, temporary, await TakeTemporaryAsync(open, temporary, path, cancellationToken), options);
    }

    private SftpRequest OpenTemporary(string temporary) =>
        _channel.Open(temporary, SftpOpenFlags.Write | SftpOpenFlags.Create | SftpOpenFlags.Exclusive);

    /// <summary>Where an upload will end: the path itself, or what the link there points to.</summary>
    private async ValueTask<SftpUploadTarget> FindTargetAsync(
        RemotePath path, string serverPath, WriteOptions options, CancellationToken cancellationToken)
    {
        var looked = await AskAsync(_channel.LStat(serverPath), cancellationToken).SettleAsync();
        if (looked.IsValue && await FollowAsync(path, serverPath, looked.Value, cancellationToken) is var target && target != serverPath)
        {
            serverPath = target;
            looked = await AskAsync(_channel.LStat(serverPath), cancellationToken).SettleAsync();
        }

        if (looked.IsMissing)
        {
            return new SftpUploadTarget(serverPath, null);
        }

        if (looked.Value.IsDirectory)
        {
            throw TargetIsDirectory(path);
        }

        return options.Overwrite
            ? new SftpUploadTarget(serverPath, PermissionsOf(looked.Value))
            : throw new BackendException(BackendError.AlreadyExists, "A file exists at this path already.") { Path = path };
    }

    private static BackendException TargetIsDirectory(RemotePath path) =>
        new(BackendError.IsADirectory, "A folder has this name.") { Path = path };

    private static int? PermissionsOf(in SftpAttributes attributes) =>
        (attributes.Flags & SftpAttributes.HasMode) != 0 ? (int)(attributes.Mode & 0x1FF) : null;

    private async ValueTask<SftpHandle> TakeTemporaryAsync(SftpRequest open, string temporary, RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await open.TakeHandleAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // OPEN may well succeed after the caller left: what it creates is removed behind it.
            _ = RemoveTemporaryAsync(temporary).AsTask();
            throw;
        }
        catch (SftpStatusException e)
        {
            var explained = await ExplainParentAsync(e, path);
            throw e.Code == SftpStatusCode.Failure && explained.Error == BackendError.ProtocolError
                ? await ExplainWriteAsync(e, _root.Locate(path.Parent), path)
                : explained;
        }
        catch (Exception)
        {
            // The connection died with the request under way: the server may have created the file.
            _abandoned.Add(temporary);
            throw;
        }
    }

    /// <summary>
    /// A name of its own, not one made from the target's: that may be as long as a name can be.
    /// </summary>
    private static string TemporaryBeside(string serverPath) =>
        $"{serverPath[..(serverPath.LastIndexOf('/') + 1)]}.gateway-{RandomNumberGenerator.GetHexString(16, lowercase: true)}.part";
}
