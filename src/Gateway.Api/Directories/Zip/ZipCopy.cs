using System.Buffers;
using System.IO.Compression;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories.Zip;

/// <summary>
/// Writes one tree into one archive.
/// </summary>
/// <param name="context">The exchange.</param>
/// <param name="lease">Where the files are read.</param>
/// <param name="walk">Begun.</param>
/// <param name="sink">The response.</param>
/// <param name="level">
/// The fastest, at which files that are compressed already cost much time and gain nothing; or none, at the speed of a download, after
/// which an unpacker that streams (Java's ZipInputStream) does not find their ends.
/// </param>
internal sealed class ZipCopy(HttpContext context, SteadyLease lease, ZipWalk walk, ResponseSink sink, CompressionLevel level) : IDisposable
{
    private readonly ZipOutput _output = new(sink);
    private long _bytes;
    private int _leftOut;

    /// <summary>Copies everything. Never throws.</summary>
    /// <param name="maxEntries">Most entries.</param>
    public async ValueTask<CopyResult> RunAsync(int maxEntries)
    {
        try
        {
            // From here on a failure cuts off: nothing of an archive may stand in front of a problem.
            await context.Response.StartAsync(sink.Aborted);
            await using (var archive = await ZipArchive.CreateAsync(_output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, sink.Aborted))
            {
                try
                {
                    await AddAllAsync(archive, maxEntries);
                }
                catch
                {
                    // Before the archive is closed, which would write its end.
                    _output.Refuse();
                    throw;
                }
            }

            await _output.SendAsync();
            return new CopyResult(CopyOutcome.Completed, _bytes);
        }
        catch (OperationCanceledException) when (_output.Outcome is CopyOutcome.CallerLeft or CopyOutcome.CallerStalled)
        {
            return new CopyResult(_output.Outcome, _bytes);
        }
        catch (OperationCanceledException) when (sink.Aborted.IsCancellationRequested)
        {
            return new CopyResult(sink.WhyAborted, _bytes);
        }
        catch (Exception exception)
        {
            return new CopyResult(CopyOutcome.BackendFailed, _bytes, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private async ValueTask AddAllAsync(ZipArchive archive, int maxEntries)
    {
        var count = 0;
        while (await walk.NextAsync(sink.Aborted) is { } entry)
        {
            if (++count > maxEntries)
            {
                throw new ProblemException(ProblemTypes.InvalidRequest, $"The tree has more than {maxEntries} entries: archive its folders one by one.");
            }

            await AddAsync(archive, entry);
        }

        _leftOut += walk.LeftOut;
        if (_leftOut > 0)
        {
            archive.Comment = $"{_leftOut} entries were left out: files that the caller may not read, links that lead nowhere to be read, special files, names that cannot be written.";
        }
    }

    private async ValueTask AddAsync(ZipArchive archive, RemoteEntry entry)
    {
        var path = walk.Folder.Append(entry.Name);
        var name = ZipName.Of(walk.Name, entry.Name);
        if (entry.Type == RemoteEntryType.Directory)
        {
            Describe(archive.CreateEntry(name + "/"), entry);
            walk.Enter(path, name);
        }
        else if (await OpenAsync(path, entry.Type) is { } file)
        {
            await using (file)
            {
                var added = archive.CreateEntry(name, level);
                Describe(added, file.Entry);
                await using var content = await added.OpenAsync(sink.Aborted);
                await CopyAsync(file, content);
            }
        }
        else
        {
            _leftOut++;
        }

        // Small files go out as they come.
        await _output.SendAsync();
    }

    private async ValueTask CopyAsync(RemoteReadStream file, Stream content)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(file.Entry.Size ?? long.MaxValue, 1, file.PreferredReadSize));
        try
        {
            long copied = 0;
            int read;
            while ((read = await file.ReadAsync(buffer, sink.Aborted)) > 0)
            {
                await content.WriteAsync(buffer.AsMemory(0, read), sink.Aborted);
                sink.Progress?.Add(read);
                copied += read;
                _bytes += read;
            }

            if (file.Entry.Size is { } size && copied != size)
            {
                throw DownloadCopier.WrongLength();
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
        catch
        {
            // The buffer may still be received into: the stream owns it until it is disposed, and the pool must not get it back.
            _output.Refuse();
            throw;
        }
    }

    /// <summary>
    /// Opens a file, or what a link leads to, if that is a file below the root: the driver sees to it. A link that leads elsewhere has no
    /// content; a file that has gone since its folder was listed is no longer a part of it.
    /// </summary>
    private async ValueTask<RemoteReadStream?> OpenAsync(RemotePath path, RemoteEntryType type)
    {
        try
        {
            return await lease.RunAsync(
                async (connection, token) => await MayReadAsync(connection, path, type, token) ? await connection.OpenReadAsync(path, token) : null, sink.Aborted);
        }
        catch (BackendException exception) when (exception.Error is BackendError.NotFound or BackendError.NotADirectory or BackendError.IsADirectory
            || (type == RemoteEntryType.Symlink && exception.Error is BackendError.PermissionDenied or BackendError.NotSupported or BackendError.InvalidPath))
        {
            return null;
        }
    }

    private ValueTask<bool> MayReadAsync(BackendConnection connection, RemotePath path, RemoteEntryType type, CancellationToken cancellationToken) =>
        type == RemoteEntryType.Symlink
            ? walk.Access.AllowsAsync(connection, path, GrantVerb.Read, cancellationToken)
            : new(walk.Access.Allows(path, GrantVerb.Read));

    /// <summary>Times are those of DOS, to two seconds and between 1980 and 2107; they know no zone, and are UTC here.</summary>
    private static void Describe(ZipArchiveEntry added, in RemoteEntry entry)
    {
        added.LastWriteTime = entry.Modified is { UtcDateTime.Year: >= 1980 and <= 2107 } modified
            ? modified.ToUniversalTime()
            : new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

        // What Unix calls the mode, in the upper half. Never set-user-ID and its like: who unpacks must not make such a file.
        var isFolder = entry.Type == RemoteEntryType.Directory;
        var mode = isFolder ? 0x4000 | ((entry.Permissions ?? 0x1ED) & 0x1FF) : 0x8000 | ((entry.Permissions ?? 0x1A4) & 0x1FF);
        added.ExternalAttributes = (mode << 16) | (isFolder ? 0x10 : 0);
    }
}
