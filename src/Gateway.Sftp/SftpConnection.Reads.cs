using System.Runtime.CompilerServices;
using Gateway.Broker.Async;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <content>Opening files to read.</content>
internal sealed partial class SftpConnection
{
    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    public override async ValueTask<RemoteReadStream> OpenReadAsync(RemotePath path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var activity = _activities.StartOpen("read");
        try
        {
            if (path.IsRoot)
            {
                throw new BackendException(BackendError.IsADirectory, "This is a folder, and a file was needed.") { Path = path };
            }

            var location = _root.Locate(path);
            var parentCheck = _root.IsTrusted(path.Parent) ? null : _root.Ask(path.Parent);
            var stat = _root.ChecksLinks ? _channel.LStat(location) : _channel.Stat(location);
            var open = _channel.Open(location, SftpOpenFlags.Read);
            _channel.Flush();

            // All are under way: each is awaited, whatever became of those before it.
            var failure = (await BeginCheckAsync(parentCheck, path.Parent, cancellationToken).SettleAsync()).Error;
            SftpAttributes attributes = default;
            try
            {
                await stat.WaitAsync(cancellationToken);
                attributes = stat.ReadAttributes();
            }
            catch (Exception e)
            {
                failure ??= e;
            }
            finally
            {
                stat.Release();
            }

            SftpHandle? handle = null;
            Exception? notOpened = null;
            try
            {
                await open.WaitAsync(cancellationToken);
                handle = open.ReadHandle();
            }
            catch (Exception e)
            {
                notOpened = e;
            }
            finally
            {
                open.Release();
            }

            var isLink = failure is null && _root.ChecksLinks && MayBeLink(attributes);
            if (handle is not null && (failure is not null || isLink))
            {
                CloseQuietly(handle);
                handle = null;
            }

            ThrowFirst(failure);
            if (isLink)
            {
                // What was opened is what the link led to at that moment; where it leads is known only now, and that is opened.
                (attributes, handle, notOpened) = await OpenTargetAsync(await _root.ResolveLinkAsync(path, cancellationToken), cancellationToken);
            }

            try
            {
                RequireFile(path, attributes);
                ThrowFirst(notOpened);
            }
            catch when (handle is not null)
            {
                CloseQuietly(handle);
                throw;
            }

            return await MakeReadStreamAsync(path, attributes, handle!, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw SftpActivities.Fail(activity, Explain(e, path));
        }
    }

    /// <summary>Opens what a link was found to lead to. It is no link itself, unless somebody exchanged it just now.</summary>
    private async ValueTask<(SftpAttributes Attributes, SftpHandle? Handle, Exception? NotOpened)> OpenTargetAsync(
        string real, CancellationToken cancellationToken)
    {
        var stat = _channel.LStat(real);
        var open = _channel.Open(real, SftpOpenFlags.Read);
        _channel.Flush();
        var looking = stat.TakeAttributesAsync(cancellationToken);
        var opening = open.TakeHandleAsync(cancellationToken);
        var looked = await looking.SettleAsync();
        var opened = await opening.SettleAsync();
        if (opened.IsValue && !looked.IsValue)
        {
            CloseQuietly(opened.Value);
        }

        ThrowFirst(looked.Error);
        return (looked.Value, opened.IsValue ? opened.Value : null, opened.Error);
    }

    private static void RequireFile(RemotePath path, SftpAttributes attributes)
    {
        if (attributes.IsDirectory)
        {
            throw new BackendException(BackendError.IsADirectory, "This is a folder, and a file was needed.") { Path = path };
        }

        if (!attributes.IsFile && !attributes.HasNoType)
        {
            throw new BackendException(BackendError.NotSupported, "This is neither a file nor a folder (a device, pipe or socket).") { Path = path };
        }
    }

    private ValueTask<RemoteReadStream> MakeReadStreamAsync(
        RemotePath path, SftpAttributes attributes, SftpHandle handle, CancellationToken cancellationToken) =>
        attributes.Length < SftpFileReader.AlwaysWhole
            ? ValueTask.FromResult<RemoteReadStream>(MakeReadStream(path, attributes, handle))
            : MakeSureReadStreamAsync(path, attributes, handle, cancellationToken);

    /// <summary>
    /// The name may have been given to another file between STAT and OPEN: the open file's own word counts. (A small file's length is
    /// compared as it is read.)
    /// </summary>
    private async ValueTask<RemoteReadStream> MakeSureReadStreamAsync(
        RemotePath path, SftpAttributes attributes, SftpHandle handle, CancellationToken cancellationToken)
    {
        SftpReadStream? stream = null;
        try
        {
            stream = MakeReadStream(path, await AskOpenFileAsync(handle, attributes, cancellationToken), handle);
            return stream;
        }
        finally
        {
            if (stream is null)
            {
                CloseQuietly(handle);
            }
        }
    }

    private SftpReadStream MakeReadStream(RemotePath path, SftpAttributes attributes, SftpHandle handle)
    {
        var entry = SftpEntries.ToEntry(path, attributes);
        return new SftpReadStream(this, path, entry, new SftpFileReader(_channel, handle, entry.Size));
    }

    private async ValueTask<SftpAttributes> AskOpenFileAsync(SftpHandle handle, SftpAttributes known, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(_channel.FStat(handle), cancellationToken);
        }
        catch (SftpStatusException)
        {
            return known;
        }
    }
}
