using System.Runtime.ExceptionServices;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;
using Gateway.Sftp.Transport;

namespace Gateway.Sftp;

/// <summary>One SFTP connection in the broker's terms. This part looks and reads, others list and change things.</summary>
internal sealed partial class SftpConnection : BackendConnection
{
    private readonly IAsyncDisposable _transport;
    private readonly SftpChannel _channel;
    private readonly SftpRoot _root;
    private readonly AbandonedFiles _abandoned;
    private readonly SftpActivities _activities;

    /// <param name="transport">Disposed after the channel.</param>
    /// <param name="channel">Started.</param>
    /// <param name="root">The backend's root on this channel.</param>
    /// <param name="abandoned">Shared by the server's connections.</param>
    /// <param name="activities">The backend's spans.</param>
    public SftpConnection(
        IAsyncDisposable transport, SftpChannel channel, SftpRoot root, AbandonedFiles abandoned, SftpActivities activities)
    {
        _transport = transport;
        _channel = channel;
        _root = root;
        _abandoned = abandoned;
        _activities = activities;
        Capabilities = new BackendCapabilities
        {
            AtomicReplace = channel.Extensions.PosixRename,

            // OpenSSH's RENAME is link(2) and unlink(2). Servers that only resemble it look first, or replace; these do not fsync.
            AtomicCreate = channel.Extensions is { PosixRename: true, Fsync: true },
            SetModified = true,
            SetPermissions = true,
            Fsync = channel.FlushesToDisk,
            ServerSideCopy = channel.Extensions.CopyData,
            ResolvesSymlinks = true,
            ExactListings = true,
        };
        _ = BreakWhenChannelEndsAsync();
        RemoveAbandonedFiles();
    }

    public override BackendCapabilities Capabilities { get; }

    /// <summary>The pid of ssh; null where there is none.</summary>
    public int? ProcessId { get; init; }

    /// <summary>A copy holds two of the handles that the server allows.</summary>
    public override int MaxLeases => _channel.Limits.MaxHandles > 0 ? Math.Max(1, _channel.Limits.MaxHandles / 2) : int.MaxValue;

    public override TimeSpan? RoundTrip => _channel.RoundTrip;

    /// <summary>OpenSSH's channel window (CHAN_SES_WINDOW_DEFAULT in channels.h): ssh's for what it receives, sshd's for what it is sent.</summary>
    public override long BytesPerRoundTrip => 2 * 1024 * 1024;

    public override long? BytesInFlight => _channel.BytesInFlight;

    public override TimeSpan Silence => _channel.Silence;

    public override ProcessorTime? ReadProcessorTime() =>
        ProcessId is { } id && ProcessSchedule.Read(id) is var (ran, waited) ? new ProcessorTime(ran, waited) : null;

    public override async ValueTask ProbeAsync(CancellationToken cancellationToken)
    {
        var request = Start(() => _channel.RealPath("."), path: null);
        _channel.Flush();
        try
        {
            await request.TakeNameAsync(cancellationToken);
        }
        catch (SftpStatusException)
        {
            // A refusal is an answer as well: the server is there.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path: null);
        }

        RemoveAbandonedFiles();
    }

    public override async ValueTask<RemoteEntry> GetEntryAsync(RemotePath path, bool followSymlink, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var attributes = await StatAsync(path, followSymlink, cancellationToken);
            return SftpEntries.ToEntry(path, attributes);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        Break(new BackendException(BackendError.ConnectionLost, "The connection was closed."));
        await _channel.DisposeAsync();
        await _transport.DisposeAsync();
    }

    /// <summary>
    /// Translates a failure, and breaks the connection where the failure says that it is out of step.
    /// </summary>
    internal BackendException Explain(Exception error, RemotePath? path)
    {
        var translated = SftpErrors.Translate(error, path);
        if (error is SftpProtocolException)
        {
            Break(translated);
        }

        return translated;
    }

    /// <summary>Attributes of an open file as they are now; for <see cref="SftpReadStream"/>.</summary>
    internal async ValueTask<RemoteEntry> GetOpenEntryAsync(RemotePath path, SftpFileReader reader, CancellationToken cancellationToken)
    {
        if (reader.Handle is not { } handle)
        {
            return await GetEntryAsync(path, followSymlink: true, cancellationToken);
        }

        try
        {
            return SftpEntries.ToEntry(path, await AskAsync(_channel.FStat(handle), cancellationToken));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Explain(e, path);
        }
    }

    protected override void OnBroken(BackendException reason) => _channel.Abort(reason);

    private async Task BreakWhenChannelEndsAsync() => Break(SftpErrors.Translate(await _channel.Ended));

    private SftpRequest Start(Func<SftpRequest> request, RemotePath? path)
    {
        try
        {
            return request();
        }
        catch (SftpChannelException e)
        {
            throw Explain(e, path);
        }
    }

    /// <summary>Attributes of the entry, or of what it points to, below the root in any case.</summary>
    private async ValueTask<SftpAttributes> StatAsync(RemotePath path, bool followSymlink, CancellationToken cancellationToken)
    {
        if (path.IsRoot || (followSymlink && !_root.ChecksLinks))
        {
            return await AskAsync(_channel.Stat(_root.Locate(path)), cancellationToken);
        }

        var parentCheck = _root.IsTrusted(path.Parent) ? null : _root.Ask(path.Parent);
        var asking = AskAsync(_channel.LStat(_root.Locate(path)), cancellationToken);
        var check = await BeginCheckAsync(parentCheck, path.Parent, cancellationToken).SettleAsync();
        var asked = await asking.SettleAsync();
        ThrowFirst(check.Error, asked.Error);
        var attributes = asked.Value;
        if (!followSymlink || !MayBeLink(attributes))
        {
            return attributes;
        }

        return await AskAsync(_channel.LStat(await _root.ResolveLinkAsync(path, cancellationToken)), cancellationToken);
    }

    /// <summary>Whether this is a link, or may be one where that matters: a server may leave the type of its entries open.</summary>
    private bool MayBeLink(SftpAttributes attributes) => attributes.IsSymlink || (attributes.HasNoType && _root.ChecksLinks);

    /// <summary>Where an operation that follows links is to go: a link to where it leads, if that is below the root.</summary>
    private async ValueTask<string> FollowAsync(RemotePath path, string real, SftpAttributes attributes, CancellationToken cancellationToken) =>
        MayBeLink(attributes) ? await _root.ResolveLinkAsync(path, cancellationToken) : real;

    private ValueTask<SftpAttributes> AskAsync(SftpRequest request, CancellationToken cancellationToken)
    {
        _channel.Flush();
        return request.TakeAttributesAsync(cancellationToken);
    }

    private ValueTask<string> BeginCheckAsync(SftpRequest? asked, RemotePath folder, CancellationToken cancellationToken) =>
        asked is null ? default : _root.CheckAsync(asked, folder, cancellationToken);

    /// <summary>What is at <paramref name="path"/>, to tell what an unexplained failure meant; null where nothing is to be seen.</summary>
    private async ValueTask<SftpAttributes?> LookAsync(RemotePath path)
    {
        try
        {
            return await AskAsync(_channel.Stat(_root.Locate(path)), CancellationToken.None);
        }
        catch (Exception e)
        {
            return LookedInVain(e, path);
        }
    }

    /// <summary>A look that was to explain another failure failed itself: that other failure is reported. A server out of step is left.</summary>
    private SftpAttributes? LookedInVain(Exception error, RemotePath path)
    {
        _ = Explain(error, path);
        return null;
    }

    private void RemoveAbandonedFiles()
    {
        // Counted first: one that cannot be removed now is added again, and must not be tried in circles.
        for (var left = _abandoned.Count; left > 0 && !IsBroken && _abandoned.TryTake(out var path); left--)
        {
            _ = RemoveTemporaryAsync(path).AsTask();
        }
    }

    private void CloseQuietly(SftpHandle handle) => Try(() => _channel.Close(handle).Release());

    private void Try(Action request)
    {
        try
        {
            request();
            _channel.Flush();
        }
        catch (SftpChannelException)
        {
            // The channel is gone, and what was to be tidied up on it.
        }
    }

    /// <summary>Of requests that were in flight together the failure of the first one counts: the later ones follow from it.</summary>
    private static void ThrowFirst(params ReadOnlySpan<Exception?> failures)
    {
        foreach (var failure in failures)
        {
            if (failure is not null)
            {
                ExceptionDispatchInfo.Throw(failure);
            }
        }
    }
}
