using System.Globalization;
using System.Runtime.CompilerServices;
using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;

namespace Gateway.Ftps;

/// <summary>
/// One FTPS connection in the broker's terms. This part looks and reads; the other part changes things. One operation at a time: the
/// control channel carries one transfer.
/// </summary>
internal sealed partial class FtpsConnection : BackendConnection
{
    private readonly BackendSettings _settings;
    private readonly FtpServerMemory _memory;
    private readonly AbandonedFiles _abandoned;
    private readonly TimeProvider _time;
    private readonly Func<FtpException, CancellationToken, Task<FtpSession>> _openSession;
    private readonly FtpsRoot _root;
    private volatile FtpSession _session;
    private FtpsLookup _lookup;
    private FtpSession? _retired;
    private volatile BackendException? _reason;

    /// <param name="settings">The backend's settings.</param>
    /// <param name="session">Logged in; owned.</param>
    /// <param name="root">The backend's root.</param>
    /// <param name="openSession">Opens another session with the same server and account; told why.</param>
    /// <param name="memory">Shared by the backend's connections.</param>
    /// <param name="abandoned">Shared by the server's connections.</param>
    /// <param name="time">The clock.</param>
    public FtpsConnection(
        BackendSettings settings,
        FtpSession session,
        FtpsRoot root,
        Func<FtpException, CancellationToken, Task<FtpSession>> openSession,
        FtpServerMemory memory,
        AbandonedFiles abandoned,
        TimeProvider time)
    {
        _abandoned = abandoned;
        _settings = settings;
        _root = root;
        _openSession = openSession;
        _memory = memory;
        _time = time;
        _session = session;
        _lookup = new FtpsLookup(session, root, time);
        _ = BreakWhenEndedAsync(session);
    }

    public override BackendCapabilities Capabilities => new()
    {
        // RFC 959 leaves open what RNTO does to an existing file; on Unix it is rename(2) unless the server forbids it.
        AtomicReplace = _session.Features.IsUnix && !_memory.RenameRefusesExisting,
        SetModified = _session.Features.SetTime || _session.Features.IsVsftpd,
        SetPermissions = _session.Features.SetPermissions,
        ExactListings = _session.Features.MachineListings,
    };

    public override TimeSpan Silence => _session.Silence;

    public override ValueTask ProbeAsync(CancellationToken cancellationToken) => RunAsync(
        path: null,
        async token =>
        {
            // A refusal is an answer as well: the server is there.
            await _session.AskAsync(new FtpCommand("NOOP"), token);
            await RemoveAbandonedAsync(token);
        },
        cancellationToken);

    public override ValueTask<RemoteEntry> GetEntryAsync(RemotePath path, bool followSymlink, CancellationToken cancellationToken) =>
        RunAsync(path, token => _lookup.GetAsync(path, followSymlink, token), cancellationToken);

    public override async IAsyncEnumerable<RemoteEntry> ListAsync(RemotePath path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listing = await RunAsync(path, token => OpenListingAsync(path, token), cancellationToken);
        try
        {
            while (await ReadListingAsync(listing, path, cancellationToken) is { } listed)
            {
                yield return FtpsEntries.ToEntry(listed);
            }
        }
        finally
        {
            await listing.DisposeAsync();
            BreakIfEnded();
        }
    }

    public override ValueTask<RemoteReadStream> OpenReadAsync(RemotePath path, CancellationToken cancellationToken) => RunAsync<RemoteReadStream>(
        path,
        async token =>
        {
            var entry = await _lookup.GetAsync(path, followSymlink: true, token);
            return entry.Type switch
            {
                RemoteEntryType.File => new FtpsReadStream(this, path, entry),
                RemoteEntryType.Directory => throw FtpsErrors.Create(BackendError.IsADirectory, path),

                // Opening a pipe would wait for somebody who writes to it.
                _ => throw new BackendException(BackendError.NotSupported, "This is neither a file nor a folder.") { Path = path },
            };
        },
        cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        // The farewell comes before the breaking, which closes everything.
        await _session.DisposeAsync();
        Break(new BackendException(BackendError.ConnectionLost, "The connection was closed."));
    }

    /// <summary>Starts a download; for <see cref="FtpsReadStream"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="first">First byte.</param>
    /// <param name="cancellationToken">The caller's.</param>
    internal ValueTask<FtpDownload> OpenDownloadAsync(RemotePath path, long first, CancellationToken cancellationToken) => RunAsync(
        path,
        async token =>
        {
            FtpCommand? restart = first > 0 ? new FtpCommand("REST", first.ToString(CultureInfo.InvariantCulture)) : null;
            try
            {
                return await WithDataAsync(
                    async session => new FtpDownload(session, await session.OpenDataAsync(new FtpCommand("RETR", _root.Locate(path)), restart, token)), token);
            }
            catch (FtpException e) when (e.Failure == FtpFailure.Refused)
            {
                throw e.Command.Verb is "RETR"
                    ? await _lookup.ExplainAsync(path, e, type => type == RemoteEntryType.Directory ? BackendError.IsADirectory : null, token)
                    : new BackendException(BackendError.NotSupported, "The server cannot start a file in the middle.", e) { Path = path };
            }
        },
        cancellationToken);

    /// <summary>Translates a failure of a stream, and breaks the connection where it is unusable after it.</summary>
    internal Exception Explain(Exception error, RemotePath? path, CancellationToken cancellationToken)
    {
        if (error is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException(error.Message, error, cancellationToken);
        }

        if (error is InvalidOperationException and not ObjectDisposedException)
        {
            return error;
        }

        var translated = FtpsErrors.Translate(error, path);
        if (FtpsErrors.IsFatal(error))
        {
            Break(translated);
        }

        // What failed because the connection broke fails with the reason for that.
        return IsBroken && FtpsErrors.IsFatal(error) ? WhyBroken(path) : translated;
    }

    /// <summary>Runs an operation under its deadline, and translates its failure.</summary>
    internal async ValueTask<T> RunAsync<T>(RemotePath? path, Func<CancellationToken, ValueTask<T>> operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsBroken)
        {
            throw WhyBroken(path);
        }

        using var deadline = new CancellationTokenSource(_settings.OperationTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await operation(both.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            var timeout = new BackendException(
                BackendError.Timeout,
                $"The server did not answer within {_settings.OperationTimeout.TotalSeconds:0.#} s. Raise Transfers:OperationTimeout if it is only slow.",
                e) { Path = path };
            Break(timeout);
            throw timeout;
        }
        catch (Exception e)
        {
            throw Explain(e, path, cancellationToken);
        }
        finally
        {
            BreakIfEnded();
        }
    }

    /// <summary>A deadline of its own for what goes on after the caller has left.</summary>
    internal CancellationTokenSource CreateLimit(TimeSpan limit) => new(limit, _time);

    /// <summary>Makes the end of the session known before the caller goes on, and gives the connection back as usable.</summary>
    internal void BreakIfEnded()
    {
        if (_session.Ended.IsCompleted)
        {
            _ = BreakWhenEndedAsync(_session);
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    internal async ValueTask RunAsync(RemotePath? path, Func<CancellationToken, ValueTask> operation, CancellationToken cancellationToken) =>
        await RunAsync(
            path,
            async token =>
            {
                await operation(token);
                return true;
            },
            cancellationToken);

    protected override void OnBroken(BackendException reason)
    {
        _reason = reason;
        End(_session, reason);
    }

    private BackendException WhyBroken(RemotePath? path)
    {
        var reason = _reason ?? new BackendException(BackendError.ConnectionLost, "The connection was closed.");
        return new BackendException(reason.Error, reason.Message, reason.InnerException) { Path = path ?? reason.Path, Diagnostic = reason.Diagnostic };
    }

    private async Task BreakWhenEndedAsync(FtpSession session)
    {
        var reason = await session.Ended;
        if (!ReferenceEquals(session, _retired))
        {
            Break(reason.InnerException as BackendException ?? FtpsErrors.Translate(reason));
        }
    }

    private async ValueTask<FtpListing> OpenListingAsync(RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await WithDataAsync(session => FtpListing.OpenAsync(session, _root.Locate(path), _time, cancellationToken), cancellationToken);
        }
        catch (FtpException e) when (e.Failure == FtpFailure.Refused)
        {
            throw await ExplainListingAsync(path, e, cancellationToken);
        }
    }

    private async ValueTask<BackendException> ExplainListingAsync(RemotePath path, FtpException refused, CancellationToken cancellationToken) =>
        await _lookup.FindAsync(path, followSymlink: true, cancellationToken) switch
        {
            null => await _lookup.ExplainMissingAsync(path, refused, cancellationToken),
            { Type: RemoteEntryType.Directory } => FtpsErrors.Create(BackendError.PermissionDenied, path, refused),
            _ => FtpsErrors.Create(BackendError.NotADirectory, path, refused),
        };

    private async ValueTask<FtpEntry?> ReadListingAsync(FtpListing listing, RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await listing.ReadAsync(cancellationToken);
        }
        catch (Exception e)
        {
            throw Explain(e, path, cancellationToken);
        }
    }

    /// <summary>
    /// Opens a transfer. Where the server builds no data connection (its TLS session rules forget sessions after a while), nothing has
    /// moved yet: the same is tried once more with a new control connection.
    /// </summary>
    private async ValueTask<T> WithDataAsync<T>(Func<FtpSession, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        try
        {
            return await open(_session);
        }
        catch (FtpException e) when (e.Failure == FtpFailure.DataRefused)
        {
            await ReplaceSessionAsync(e, cancellationToken);
            return await open(_session);
        }
    }

    private async ValueTask ReplaceSessionAsync(FtpException reason, CancellationToken cancellationToken)
    {
        // First out, then in: servers count the connections of an account.
        _retired = _session;
        try
        {
            await _retired.DisposeAsync();
            var session = await _openSession(reason, cancellationToken);
            _lookup = new FtpsLookup(session, _root, _time);
            _session = session;
            _ = BreakWhenEndedAsync(session);
        }
        catch (Exception e)
        {
            Break(new BackendException(BackendError.ConnectionLost, "The connection to the server was lost.", e));
            throw;
        }

        if (IsBroken)
        {
            End(_session, await Broken);
        }
    }

    private static void End(FtpSession session, BackendException reason) => session.End(new FtpException(FtpFailure.ConnectionLost, reason.Message, reason));
}
