using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;

namespace Gateway.Ftps;

/// <summary>
/// Finds out what is at a path, and why a command was refused. A 550 may mean anything, and its text is not for machines, so the answer
/// is looked for: with MLST, else with SIZE, CWD and a listing of the parent, the ways of servers like vsftpd.
/// </summary>
internal sealed class FtpsLookup(FtpSession session, FtpsRoot root, TimeProvider time)
{
    /// <summary>Metadata of what must be there.</summary>
    /// <exception cref="BackendException">Not there, or it cannot be known.</exception>
    public async ValueTask<RemoteEntry> GetAsync(RemotePath path, bool followSymlink, CancellationToken cancellationToken) =>
        await FindAsync(path, followSymlink, cancellationToken) ?? throw await ExplainMissingAsync(path, null, cancellationToken);

    /// <summary>Metadata of what may be there.</summary>
    /// <returns>Null where the server shows nothing: it is not there, or lies in a folder that the account cannot enter.</returns>
    public async ValueTask<RemoteEntry?> FindAsync(RemotePath path, bool followSymlink, CancellationToken cancellationToken)
    {
        if (!session.Features.MachineListings)
        {
            return followSymlink ? await FindTargetAsync(path, cancellationToken) : await FindByListingAsync(path, cancellationToken);
        }

        var reply = await AskAsync("MLST", path, cancellationToken);
        if (reply.Code != 250 || !TryReadFacts(reply, out var facts))
        {
            return reply.IsSuccess ? throw Unexpected("MLST", reply) : reply.IsUnknownCommand && reply.Code != 501 ? await FindTargetAsync(path, cancellationToken) : null;
        }

        // The permissions of a link. ProFTPD gives a link the type of its target in MLST, and tells them apart in MLSD.
        if (!followSymlink && facts.Permissions == 0x1FF && !path.IsRoot && await FindInParentAsync(path, cancellationToken) is { Type: RemoteEntryType.Symlink } link)
        {
            return link;
        }

        return facts.Type switch
        {
            FtpEntryType.File => await RefineAsync(path, facts, cancellationToken),
            FtpEntryType.Symlink when followSymlink => await FindTargetAsync(path, cancellationToken),
            _ => FtpsEntries.ToEntry(path, facts),
        };
    }

    /// <summary>The type of what is there, at the least cost: what the server does not show without a listing is taken for nothing.</summary>
    public async ValueTask<RemoteEntryType?> LookAsync(RemotePath path, CancellationToken cancellationToken)
    {
        if (path.IsRoot)
        {
            return RemoteEntryType.Directory;
        }

        if (session.Features.MachineListings)
        {
            var reply = await AskAsync("MLST", path, cancellationToken);
            return reply.Code == 250 && TryReadFacts(reply, out var facts) ? FtpsEntries.ToEntry(path, facts).Type : null;
        }

        return FtpValues.ParseSize(await AskAsync("SIZE", path, cancellationToken)) is not null ? RemoteEntryType.File
            : (await AskAsync("CWD", path, cancellationToken)).IsSuccess ? RemoteEntryType.Directory
            : null;
    }

    /// <summary>The same where nothing may be overlooked: with a listing if need be.</summary>
    public async ValueTask<RemoteEntryType?> LookCloselyAsync(RemotePath path, CancellationToken cancellationToken) =>
        await LookAsync(path, cancellationToken)
        ?? (session.Features.MachineListings ? null : (await FindInParentAsync(path, cancellationToken))?.Type);

    /// <summary>The size of a file, by whatever command tells it; null where none does.</summary>
    public async ValueTask<long?> FindSizeAsync(string serverPath, CancellationToken cancellationToken)
    {
        var reply = await session.AskAsync(new FtpCommand("SIZE", serverPath), cancellationToken);
        if (FtpValues.ParseSize(reply) is { } size || !session.Features.MachineListings)
        {
            return FtpValues.ParseSize(reply);
        }

        reply = await session.AskAsync(new FtpCommand("MLST", serverPath), cancellationToken);
        return reply.Code == 250 && TryReadFacts(reply, out var facts) ? facts.Size : null;
    }

    /// <summary>Why nothing was found at <paramref name="path"/>, or a command on it was refused though nothing is there.</summary>
    public async ValueTask<BackendException> ExplainMissingAsync(RemotePath path, Exception? cause, CancellationToken cancellationToken)
    {
        if (path.IsRoot)
        {
            return FtpsErrors.Create(BackendError.PermissionDenied, path, cause);
        }

        var entered = await AskAsync("CWD", path.Parent, cancellationToken);
        if (entered.IsSuccess)
        {
            return FtpsErrors.Create(BackendError.NotFound, path, cause);
        }

        var error = await FindAsync(path.Parent, followSymlink: true, cancellationToken) switch
        {
            null => (await ExplainMissingAsync(path.Parent, cause, cancellationToken)).Error,
            { Type: RemoteEntryType.Directory } => BackendError.PermissionDenied,
            _ => BackendError.NotADirectory,
        };
        return FtpsErrors.Create(error, path, cause);
    }

    /// <summary>Why a command was refused that needs an entry at <paramref name="path"/>.</summary>
    /// <param name="path">The entry.</param>
    /// <param name="refused">The refusal.</param>
    /// <param name="unwanted">The type that the command does not take, and the error for it.</param>
    /// <param name="cancellationToken">The operation's.</param>
    public async ValueTask<BackendException> ExplainAsync(
        RemotePath path, FtpException refused, Func<RemoteEntryType, BackendError?> unwanted, CancellationToken cancellationToken)
    {
        var found = await FindAsync(path, followSymlink: false, cancellationToken);
        if (found is not { } entry)
        {
            return await ExplainMissingAsync(path, refused, cancellationToken);
        }

        return unwanted(entry.Type) is { } error ? FtpsErrors.Create(error, path, refused) : ExplainExisting(path, refused);
    }

    /// <summary>A refusal that the entry's absence does not explain: "not found" in its text means something else.</summary>
    public static BackendException ExplainExisting(RemotePath path, FtpException refused)
    {
        var translated = FtpsErrors.Translate(refused, path);
        return translated.Error is BackendError.NotFound ? FtpsErrors.Create(BackendError.PermissionDenied, path, refused) : translated;
    }

    /// <summary>Whether a folder has entries.</summary>
    public async ValueTask<bool> HasEntriesAsync(RemotePath path, CancellationToken cancellationToken)
    {
        await using var listing = await FtpListing.OpenAsync(session, root.Locate(path), time, cancellationToken);
        return await listing.ReadAsync(cancellationToken) is not null;
    }

    /// <summary>
    /// SIZE is exact and follows links, where ProFTPD's MLST gives a link the type of its target and the size of itself. What is a file to
    /// MLST and none to SIZE is a pipe or a device.
    /// </summary>
    private async ValueTask<RemoteEntry> RefineAsync(RemotePath path, FtpEntry facts, CancellationToken cancellationToken)
    {
        var entry = FtpsEntries.ToEntry(path, facts);
        var reply = await AskAsync("SIZE", path, cancellationToken);
        if (FtpValues.ParseSize(reply) is not { } size)
        {
            return reply.Code == 550 ? entry with { Type = RemoteEntryType.Other, Size = null } : entry;
        }

        return size == facts.Size
            ? entry
            : entry with { Size = size, Modified = FtpValues.ParseTime(await AskAsync("MDTM", path, cancellationToken)) ?? entry.Modified, Permissions = null };
    }

    /// <summary>What SIZE, MDTM and CWD tell: they follow links.</summary>
    private async ValueTask<RemoteEntry?> FindTargetAsync(RemotePath path, CancellationToken cancellationToken)
    {
        if (!path.IsRoot && await FindFileAsync(path, cancellationToken) is { } file)
        {
            return file;
        }

        var entered = await AskAsync("CWD", path, cancellationToken);
        if (entered.IsSuccess)
        {
            return FtpsEntries.ToFolder(path);
        }

        // Folders that cannot be entered, and what is neither file nor folder.
        return session.Features.MachineListings || path.IsRoot || await FindInParentAsync(path, cancellationToken) is not { Type: not RemoteEntryType.Symlink } listed
            ? null
            : listed;
    }

    private async ValueTask<RemoteEntry?> FindFileAsync(RemotePath path, CancellationToken cancellationToken)
    {
        if (FtpValues.ParseSize(await AskAsync("SIZE", path, cancellationToken)) is not { } size)
        {
            return null;
        }

        var modified = FtpValues.ParseTime(await AskAsync("MDTM", path, cancellationToken));
        return new RemoteEntry { Name = path.Name, Type = RemoteEntryType.File, Size = size, Modified = modified, IsAddressable = true };
    }

    /// <summary>Only a listing tells links from what they point to; it is made exact with SIZE and MDTM.</summary>
    private async ValueTask<RemoteEntry?> FindByListingAsync(RemotePath path, CancellationToken cancellationToken)
    {
        if (path.IsRoot || await FindInParentAsync(path, cancellationToken) is not { } listed)
        {
            return await FindTargetAsync(path, cancellationToken);
        }

        return listed.Type == RemoteEntryType.File && await FindFileAsync(path, cancellationToken) is { } exact
            ? exact with { Permissions = listed.Permissions }
            : listed;
    }

    private async ValueTask<RemoteEntry?> FindInParentAsync(RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            await using var listing = await FtpListing.OpenAsync(session, root.Locate(path.Parent), time, cancellationToken);
            RemoteEntry? found = null;

            // To its end, even after the entry was found: aborting costs more than the rest of the lines.
            while (await listing.ReadAsync(cancellationToken) is { } listed)
            {
                if (listed.IsUtf8 && string.Equals(listed.Name, path.Name, StringComparison.Ordinal))
                {
                    found = FtpsEntries.ToEntry(path, listed);
                }
            }

            return found;
        }
        catch (FtpException e) when (e.Failure == FtpFailure.Refused)
        {
            return null;
        }
    }

    private ValueTask<FtpReply> AskAsync(string verb, RemotePath path, CancellationToken cancellationToken) =>
        session.AskAsync(new FtpCommand(verb, root.Locate(path)), cancellationToken);

    /// <summary>The facts stand in the second of three lines, after one space (RFC 3659, 7.2).</summary>
    private static bool TryReadFacts(FtpReply reply, out FtpEntry facts)
    {
        facts = default;
        return reply.Lines.Count >= 3 && reply.Lines[1].StartsWith(' ')
            && MachineListingParser.TryParse(System.Text.Encoding.UTF8.GetBytes(reply.Lines[1][1..]), out facts);
    }

    private static FtpException Unexpected(string verb, FtpReply reply) => FtpException.Unexpected(new FtpCommand(verb), reply);
}
