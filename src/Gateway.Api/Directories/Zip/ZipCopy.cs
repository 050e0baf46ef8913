using Gateway.Api.Errors;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories.Zip;

/// <summary>Writes one tree into one archive.</summary>
internal sealed class ZipCopy(HttpContext context, SteadyLease lease, ZipWalk walk, ResponseSink sink)
{
    private readonly ZipFrame _frame = new();
    private long _bytes;
    private int _leftOut;

    /// <summary>Copies everything. Never throws.</summary>
    /// <param name="maxEntries">Most entries.</param>
    public async ValueTask<CopyResult> RunAsync(int maxEntries)
    {
        using var archive = new ZipWriter(sink.Writer);
        try
        {
            // From here on a failure cuts off: nothing of an archive may stand in front of a problem.
            await context.Response.StartAsync(sink.Aborted);
            while (await walk.NextAsync(sink.Aborted) is { } entry)
            {
                if (archive.Count == maxEntries)
                {
                    throw new ProblemException(ProblemTypes.InvalidRequest, $"The tree has more than {maxEntries} entries: archive its folders one by one.");
                }

                await AddAsync(archive, entry);
            }

            _leftOut += walk.LeftOut;
            var comment = _leftOut == 0 ? "" : $"{_leftOut} entries were left out: links that lead nowhere to be read, special files, names that cannot be written.";
            await archive.EndAsync(comment, FlushAsync);
            return new CopyResult(CopyOutcome.Completed, _bytes);
        }
        catch (CopyEndedException ended)
        {
            return ended.Result with { Bytes = _bytes };
        }
        catch (OperationCanceledException) when (sink.Aborted.IsCancellationRequested)
        {
            return new CopyResult(CopyOutcome.CallerLeft, _bytes);
        }
        catch (Exception exception)
        {
            return new CopyResult(CopyOutcome.BackendFailed, _bytes, exception);
        }
    }

    private async ValueTask AddAsync(ZipWriter archive, RemoteEntry entry)
    {
        var path = walk.Folder.Append(entry.Name);
        var name = ZipName.Of(walk.Name, entry.Name);
        if (entry.Type == RemoteEntryType.Directory)
        {
            await archive.AddFolderAsync(new ZipEntry(name, IsFolder: true, 0, entry.Modified, entry.Permissions));
            await FlushAsync();
            walk.Enter(path, name);
            return;
        }

        if (await OpenAsync(path, entry.Type) is not { } opened)
        {
            _leftOut++;
            return;
        }

        await using (opened)
        {
            var file = new ZipEntry(name, IsFolder: false, opened.Entry.Size, opened.Entry.Modified, opened.Entry.Permissions);
            var start = archive.BeginFile(file);
            _frame.Reset();
            var result = await DownloadCopier.CopyAsync(opened, sink, opened.Entry.Size, _frame);
            _bytes += result.Bytes;
            if (result.Outcome != CopyOutcome.Completed)
            {
                throw new CopyEndedException(result);
            }

            await archive.EndFileAsync(file, start, _frame);
        }

        await FlushAsync();
    }

    /// <summary>
    /// Opens a file, or what a link leads to, if that is a file below the root: the driver sees to it. A link that leads elsewhere has no
    /// content; a file that has gone since its folder was listed is no longer a part of it.
    /// </summary>
    private async ValueTask<RemoteReadStream?> OpenAsync(RemotePath path, RemoteEntryType type)
    {
        try
        {
            return await lease.RunAsync((connection, token) => connection.OpenReadAsync(path, token), sink.Aborted);
        }
        catch (BackendException exception) when (exception.Error is BackendError.NotFound or BackendError.NotADirectory or BackendError.IsADirectory
            || (type == RemoteEntryType.Symlink && exception.Error is BackendError.PermissionDenied or BackendError.NotSupported or BackendError.InvalidPath))
        {
            return null;
        }
    }

    private async ValueTask FlushAsync()
    {
        var outcome = await sink.FlushAsync();
        if (outcome != CopyOutcome.Completed)
        {
            throw new CopyEndedException(new CopyResult(outcome, _bytes));
        }
    }

    /// <summary>A copy in the archive did not end well.</summary>
    private sealed class CopyEndedException(CopyResult result) : Exception
    {
        public CopyResult Result { get; } = result;
    }
}
