using System.Security.Cryptography;
using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;

namespace Gateway.Ftps;

/// <content>What changes the server.</content>
internal sealed partial class FtpsConnection
{
    /// <summary>How long cleaning up behind an abandoned upload may take before the connection is given up.</summary>
    private static readonly TimeSpan CleanUpTimeout = TimeSpan.FromSeconds(5);

    private const int MaxRemovedAtOnce = 20;

    public override ValueTask<RemoteWriteStream> OpenWriteAsync(RemotePath path, WriteOptions options, CancellationToken cancellationToken) => RunAsync<RemoteWriteStream>(
        path,
        async token =>
        {
            ThrowUnlessKept(path);
            await ThrowUnlessFreeAsync(path, options.Overwrite, BackendError.IsADirectory, token);
            var temporary = _root.Locate(path.Parent.Append(CreateTemporaryName()));
            try
            {
                var upload = await WithDataAsync(
                    async session => new FtpUpload(session, await session.OpenDataAsync(new FtpCommand("STOR", temporary), prepare: null, token)), token);
                return new FtpsWriteStream(this, path, options, temporary, upload);
            }
            catch (FtpException e) when (e.Failure == FtpFailure.Refused)
            {
                // It may have made the file first, and refused when the data connection came to nothing.
                await RemoveTemporaryAsync(temporary);
                throw await ExplainInParentAsync(path, e, token);
            }
            catch (Exception)
            {
                // STOR may have made the file before the transfer failed, or may do so until it is answered.
                await _session.TrySettleAsync();
                await RemoveTemporaryAsync(temporary);
                throw;
            }
        },
        cancellationToken);

    public override ValueTask CreateDirectoryAsync(RemotePath path, CancellationToken cancellationToken) => RunAsync(
        path,
        async token =>
        {
            if (path.IsRoot)
            {
                throw FtpsErrors.Create(BackendError.AlreadyExists, path);
            }

            ThrowUnlessKept(path);
            try
            {
                await _session.DoAsync(new FtpCommand("MKD", _root.Locate(path)), token);
            }
            catch (FtpException e) when (e.Failure == FtpFailure.Refused)
            {
                throw await _lookup.FindAsync(path, followSymlink: false, token) is not null
                    ? FtpsErrors.Create(BackendError.AlreadyExists, path, e)
                    : await ExplainInParentAsync(path, e, token);
            }
        },
        cancellationToken);

    public override ValueTask DeleteFileAsync(RemotePath path, CancellationToken cancellationToken) => RunAsync(
        path,
        async token =>
        {
            try
            {
                await _session.DoAsync(new FtpCommand("DELE", _root.Locate(path)), token);
            }
            catch (FtpException e) when (e.Failure == FtpFailure.Refused)
            {
                throw await _lookup.ExplainAsync(path, e, type => type == RemoteEntryType.Directory ? BackendError.IsADirectory : null, token);
            }
        },
        cancellationToken);

    public override ValueTask DeleteDirectoryAsync(RemotePath path, CancellationToken cancellationToken) => RunAsync(
        path,
        async token =>
        {
            if (path.IsRoot)
            {
                throw new BackendException(BackendError.PermissionDenied, "The backend's root cannot be removed.") { Path = path };
            }

            try
            {
                await _session.DoAsync(new FtpCommand("RMD", _root.Locate(path)), token);
            }
            catch (FtpException e) when (e.Failure == FtpFailure.Refused)
            {
                throw await ExplainRemovalAsync(path, e, token);
            }
        },
        cancellationToken);

    public override ValueTask RenameAsync(RemotePath from, RemotePath to, bool overwrite, CancellationToken cancellationToken) => RunAsync(
        from,
        async token =>
        {
            if (from.IsRoot || to.IsRoot || (to.IsWithin(from) && to != from))
            {
                throw new BackendException(BackendError.InvalidPath, "A folder cannot be moved into itself, and the root cannot be moved.") { Path = to };
            }

            if (from == to)
            {
                await _lookup.GetAsync(from, followSymlink: false, token);
                return;
            }

            ThrowUnlessKept(to);
            var exists = await ThrowUnlessFreeAsync(to, overwrite, BackendError.AlreadyExists, token);
            await CarryThroughAsync(limited => MoveAsync(_root.Locate(from), from, to, exists, limited));
        },
        cancellationToken);

    public override ValueTask SetAttributesAsync(RemotePath path, DateTimeOffset? modified, int? permissions, CancellationToken cancellationToken) => RunAsync(
        path,
        async token =>
        {
            if ((modified is not null && !Capabilities.SetModified) || (permissions is not null && !Capabilities.SetPermissions))
            {
                // Before half of it is done.
                throw NotSupported(Capabilities.SetModified ? "The server cannot set permissions." : "The server cannot set modification times.");
            }

            try
            {
                if (modified is { } time)
                {
                    await SetModifiedAsync(_root.Locate(path), time, token);
                }

                if (permissions is { } mode)
                {
                    await SetPermissionsAsync(path, mode, token);
                }
            }
            catch (FtpException e) when (e.Failure == FtpFailure.Refused)
            {
                throw await _lookup.ExplainAsync(path, e, _ => null, token);
            }
        },
        cancellationToken);

    /// <summary>Confirms an upload's length, and gives it its time and its name; for <see cref="FtpsWriteStream"/>.</summary>
    internal async ValueTask<CommitResult> CommitAsync(RemotePath path, WriteOptions options, string temporary, long length, CancellationToken cancellationToken)
    {
        var stored = await _lookup.FindSizeAsync(temporary, cancellationToken);
        if (stored is { } size && size != length)
        {
            throw new BackendException(BackendError.ProtocolError, $"The server stored {size} of {length} bytes, and confirmed the upload all the same.") { Path = path };
        }

        if (options.Modified is { } modified && Capabilities.SetModified)
        {
            try
            {
                await SetModifiedAsync(temporary, modified, cancellationToken);
            }
            catch (FtpException e) when (e.Failure == FtpFailure.Refused)
            {
                // The file matters more than its time.
            }
        }

        if (options.MayReplace is { } mayReplace && !mayReplace(await _lookup.FindAsync(path, followSymlink: true, cancellationToken)))
        {
            throw new BackendException(BackendError.PreconditionFailed, "The file was changed, or removed, during the upload; the upload was abandoned.") { Path = path };
        }

        var exists = await ThrowUnlessFreeAsync(path, options.Overwrite, BackendError.IsADirectory, cancellationToken);
        RemoteEntry? entry = null;
        await CarryThroughAsync(async limited =>
        {
            await MoveAsync(temporary, path, path, exists, limited);
            entry = await _lookup.FindAsync(path, followSymlink: true, limited);
        });

        return entry is { } committed
            ? new CommitResult(!exists, committed)
            : throw new BackendException(BackendError.InvalidPath, "The server accepted the file, but shows none with this name: it writes the name in another way.") { Path = path };
    }

    /// <summary>Removes a temporary file, now or, where the connection is gone, on the backend's next one. Never throws.</summary>
    internal async ValueTask RemoveTemporaryAsync(string temporary)
    {
        if (!IsBroken)
        {
            using var limit = new CancellationTokenSource(CleanUpTimeout, _time);
            try
            {
                // Refused: not there, or not ours to remove. Nothing more can be done.
                await _session.AskAsync(new FtpCommand("DELE", temporary), limit.Token);
                return;
            }
            catch (Exception e) when (e is FtpException or OperationCanceledException)
            {
                Break(new BackendException(BackendError.ConnectionLost, "The server did not answer while an upload was cleaned up.", e));
            }
        }

        _abandoned.Add(temporary);
    }

    /// <summary>Removes what other connections could not.</summary>
    /// <exception cref="FtpException">The connection is gone as well.</exception>
    internal async ValueTask RemoveAbandonedAsync(CancellationToken cancellationToken)
    {
        // Counted first: one that another connection adds meanwhile is for the next time. Bounded: somebody waits for the connection.
        for (var left = Math.Min(_abandoned.Count, MaxRemovedAtOnce); left > 0 && _abandoned.TryTake(out var path); left--)
        {
            try
            {
                await _session.AskAsync(new FtpCommand("DELE", path), cancellationToken);
            }
            catch
            {
                _abandoned.Add(path);
                throw;
            }
        }
    }

    private static string CreateTemporaryName() => ".gateway-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)) + ".part";

    /// <summary>pure-ftpd takes a name that ends in spaces, and writes another: better no file than one that nobody finds.</summary>
    private void ThrowUnlessKept(RemotePath path)
    {
        if (_session.Features.IsPureFtpd && path.Name.EndsWith(' '))
        {
            throw new BackendException(BackendError.InvalidPath, "The server does not keep names that end in a space.") { Path = path };
        }
    }

    /// <returns>Whether a file is there, to be replaced.</returns>
    private async ValueTask<bool> ThrowUnlessFreeAsync(RemotePath path, bool overwrite, BackendError forFolders, CancellationToken cancellationToken)
    {
        var found = overwrite ? await _lookup.LookAsync(path, cancellationToken) : await _lookup.LookCloselyAsync(path, cancellationToken);
        if (found == RemoteEntryType.Directory)
        {
            throw new BackendException(forFolders, "A folder has this name.") { Path = path };
        }

        return found is null || overwrite ? found is not null : throw FtpsErrors.Create(BackendError.AlreadyExists, path);
    }

    /// <summary>
    /// Runs what must not be left half done: a caller that leaves does not stop it, only a deadline of its own does, and then the
    /// connection is broken.
    /// </summary>
    private async ValueTask CarryThroughAsync(Func<CancellationToken, ValueTask> operation)
    {
        using var limit = CreateLimit(_settings.OperationTimeout);
        try
        {
            await operation(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new FtpException(FtpFailure.Timeout, $"The server did not answer within {_settings.OperationTimeout.TotalSeconds:0.#} s while a file was being renamed: look whether it was.", e);
        }
    }

    /// <summary>
    /// Renames to <paramref name="to"/>. Where the server refuses because something is there, that steps aside first, and comes back if
    /// the renaming fails.
    /// </summary>
    /// <param name="source">The path on the server.</param>
    /// <param name="from">The path to blame where the source is at fault.</param>
    /// <param name="to">The target.</param>
    /// <param name="exists">Whether a file is there.</param>
    /// <param name="cancellationToken">The operation's.</param>
    private async ValueTask MoveAsync(string source, RemotePath from, RemotePath to, bool exists, CancellationToken cancellationToken)
    {
        var target = _root.Locate(to);
        if (!exists || !_memory.RenameRefusesExisting)
        {
            try
            {
                await _session.RenameAsync(source, target, cancellationToken);
                return;
            }
            catch (FtpException e) when (e.Failure == FtpFailure.Refused)
            {
                if (!exists || e.Command.Verb is "RNFR" || FtpsErrors.ErrorOf(e.Reply!, e.Command) is BackendError.PermissionDenied or BackendError.InsufficientStorage)
                {
                    throw await ExplainMoveAsync(from, to, e, cancellationToken);
                }
            }
        }

        var aside = _root.Locate(to.Parent.Append(CreateTemporaryName()));
        try
        {
            await _session.RenameAsync(target, aside, cancellationToken);
        }
        catch (FtpException e) when (e.Failure == FtpFailure.Refused)
        {
            throw await ExplainMoveAsync(from, to, e, cancellationToken);
        }

        try
        {
            await _session.RenameAsync(source, target, cancellationToken);
        }
        catch (FtpException e) when (e.Failure == FtpFailure.Refused)
        {
            await _session.RenameAsync(aside, target, cancellationToken);
            throw await ExplainMoveAsync(from, to, e, cancellationToken);
        }

        _memory.RenameRefusesExisting = true;
        await RemoveTemporaryAsync(aside);
    }

    private async ValueTask<BackendException> ExplainMoveAsync(RemotePath from, RemotePath to, FtpException refused, CancellationToken cancellationToken) =>
        refused.Command.Verb is "RNFR" && await _lookup.FindAsync(from, followSymlink: false, cancellationToken) is null
            ? await _lookup.ExplainMissingAsync(from, refused, cancellationToken)
            : await ExplainInParentAsync(to, refused, cancellationToken);

    /// <summary>Why something could not be made at <paramref name="path"/>: mostly its folder's fault.</summary>
    private async ValueTask<BackendException> ExplainInParentAsync(RemotePath path, FtpException refused, CancellationToken cancellationToken)
    {
        var known = FtpsErrors.ErrorOf(refused.Reply!, refused.Command);
        if (known is BackendError.InsufficientStorage or BackendError.NotSupported or BackendError.InvalidPath)
        {
            return FtpsErrors.Create(known.Value, path, refused);
        }

        return await _lookup.FindAsync(path.Parent, followSymlink: true, cancellationToken) switch
        {
            null => ExplainMissingParent((await _lookup.ExplainMissingAsync(path.Parent, refused, cancellationToken)).Error, path, refused),
            { Type: RemoteEntryType.Directory } => FtpsLookup.ExplainExisting(path, refused),
            _ => FtpsErrors.Create(BackendError.NotADirectory, path, refused),
        };
    }

    private static BackendException ExplainMissingParent(BackendError error, RemotePath path, FtpException refused) => error == BackendError.NotFound
        ? new BackendException(error, "The folder that should hold it does not exist.", refused) { Path = path, Diagnostic = refused.Diagnostic }
        : FtpsErrors.Create(error, path, refused);

    private async ValueTask<BackendException> ExplainRemovalAsync(RemotePath path, FtpException refused, CancellationToken cancellationToken)
    {
        var explained = await _lookup.ExplainAsync(path, refused, type => type != RemoteEntryType.Directory ? BackendError.NotADirectory : null, cancellationToken);
        if (explained.Error is not (BackendError.PermissionDenied or BackendError.ProtocolError))
        {
            return explained;
        }

        try
        {
            return await WithDataAsync(_ => _lookup.HasEntriesAsync(path, cancellationToken), cancellationToken)
                ? FtpsErrors.Create(BackendError.NotEmpty, path, refused)
                : explained;
        }
        catch (FtpException e) when (e.Failure == FtpFailure.Refused)
        {
            return explained;
        }
    }

    /// <summary>MFMT, or what vsftpd has instead: MDTM with a time before the name.</summary>
    private async ValueTask SetModifiedAsync(string serverPath, DateTimeOffset modified, CancellationToken cancellationToken)
    {
        var verb = _session.Features.SetTime ? "MFMT" : _session.Features.IsVsftpd ? "MDTM" : throw NotSupported("The server cannot set modification times.");
        await _session.DoAsync(new FtpCommand(verb, $"{FtpTime.Format(modified)} {serverPath}"), cancellationToken);
    }

    private async ValueTask SetPermissionsAsync(RemotePath path, int permissions, CancellationToken cancellationToken)
    {
        if (!_session.Features.SetPermissions)
        {
            throw NotSupported("The server cannot set permissions.");
        }

        await _session.DoAsync(new FtpCommand("SITE", $"CHMOD {Convert.ToString(permissions & 0xFFF, 8)} {_root.Locate(path)}"), cancellationToken);
    }

    private static BackendException NotSupported(string sentence) => new(BackendError.NotSupported, sentence);
}
