using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Copies;

/// <summary>
/// Copies a folder with everything in it: the folders first, then the files, each whole or not at all. The first failure ends it, and what
/// was copied before stays.
/// </summary>
internal sealed class TreeCopier(ConnectionBroker broker, FileCopier copier, ListingCache listings)
{
    /// <summary>Files at once where connections are shared; hides the round trips of small ones.</summary>
    private const int MaxAtOnce = 4;

    /// <summary>Copies.</summary>
    /// <exception cref="BackendException">The tree cannot be read, or the target is in the way; nothing was changed.</exception>
    /// <exception cref="TreeCopyException">It failed after it had begun.</exception>
    public async Task<TreeCopyDocument> CopyAsync(FileCopy root, CancellationToken cancellationToken)
    {
        var plan = await CopyPlan.ReadAsync(broker, root, cancellationToken);
        var (copied, bytes) = (0, 0L);
        try
        {
            await CreateFoldersAsync(root, plan, cancellationToken);
            await Parallel.ForEachAsync(plan.Files, OptionsFor(root, cancellationToken), async (path, token) =>
            {
                var file = root.Below(path);
                var commit = await copier.CopyAsync(file, token);
                Interlocked.Increment(ref copied);
                Interlocked.Add(ref bytes, commit.Entry.Size ?? 0);
            });
        }
        catch (Exception exception) when (exception is BackendException or ProblemException)
        {
            throw new TreeCopyException(exception, copied);
        }
        finally
        {
            listings.InvalidateAll(root.Target);
        }

        return new TreeCopyDocument
        {
            Backend = root.Target.Name, Path = root.To.Value, Folders = plan.Folders.Count, Files = copied, Bytes = bytes, Skipped = plan.Skipped,
        };
    }

    private static ParallelOptions OptionsFor(FileCopy root, CancellationToken cancellationToken) => new()
    {
        CancellationToken = cancellationToken,
        MaxDegreeOfParallelism = root.Source.Definition.Connector.IsShareable && root.Target.Definition.Connector.IsShareable ? MaxAtOnce : 1,
    };

    private async ValueTask CreateFoldersAsync(FileCopy root, CopyPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            await using var lease = await broker.AcquireAliveAsync(root.Target.Name, cancellationToken);
            await CreateFolderAsync(lease.Connection, root, root.To, cancellationToken);
            foreach (var path in plan.Folders)
            {
                await CreateFolderAsync(lease.Connection, root, root.Below(path).To, cancellationToken);
            }
        }
        catch (BackendException exception)
        {
            throw CopyFailure.OfTarget(root, exception);
        }
    }

    private static async ValueTask CreateFolderAsync(BackendConnection connection, FileCopy root, RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            await connection.CreateDirectoryAsync(path, cancellationToken);
        }
        catch (BackendException exception) when (exception.Error == BackendError.AlreadyExists && root.Overwrite)
        {
            if ((await connection.GetEntryAsync(path, followSymlink: true, cancellationToken)).Type != RemoteEntryType.Directory)
            {
                throw;
            }

            // It may be a link to a folder elsewhere.
            if (!await root.Writing.AllowsAsync(connection, path, GrantVerb.Write, cancellationToken))
            {
                throw new ProblemException(ProblemTypes.Forbidden, "What is in the place of a folder of the copy leads where the caller has no right to write.") { Path = path };
            }
        }
    }
}
