using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>Creates folders.</summary>
internal static class DirectoryCreation
{
    /// <summary>Makes sure that <paramref name="path"/> and every folder on the way to it exist. Safe to repeat.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="path">The folder.</param>
    /// <param name="access">To the folder, or to something in it; each folder that is created takes the right to write.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>Whether the last of them was created.</returns>
    public static async ValueTask<bool> EnsureAsync(BackendConnection connection, RemotePath path, PathAccess access, CancellationToken cancellationToken)
    {
        // From the end: mostly the parents are there. What is missing on the way is remembered and created on the way back.
        var missing = new Stack<RemotePath>();
        var folder = path;
        while (!folder.IsRoot)
        {
            try
            {
                if (!access.Allows(folder, GrantVerb.Write))
                {
                    // It may be there all the same.
                    await RequireExistingAsync(connection, folder, access, cancellationToken);
                    break;
                }

                await connection.CreateDirectoryAsync(folder, cancellationToken);
                break;
            }
            catch (BackendException exception) when (exception.Error == BackendError.NotFound)
            {
                missing.Push(folder);
                folder = folder.Parent;
            }
            catch (BackendException exception) when (exception.Error == BackendError.AlreadyExists)
            {
                await RequireDirectoryAsync(connection, folder, cancellationToken);
                if (missing.Count == 0)
                {
                    return false;
                }

                break;
            }
        }

        if (path.IsRoot)
        {
            return false;
        }

        foreach (var next in missing)
        {
            await CreateAsync(connection, next, cancellationToken);
        }

        return true;
    }

    private static async ValueTask CreateAsync(BackendConnection connection, RemotePath folder, CancellationToken cancellationToken)
    {
        try
        {
            await connection.CreateDirectoryAsync(folder, cancellationToken);
        }
        catch (BackendException exception) when (exception.Error == BackendError.AlreadyExists)
        {
            // Somebody else was faster.
            await RequireDirectoryAsync(connection, folder, cancellationToken);
        }
    }

    private static async ValueTask RequireExistingAsync(BackendConnection connection, RemotePath folder, PathAccess access, CancellationToken cancellationToken)
    {
        try
        {
            await RequireDirectoryAsync(connection, folder, cancellationToken);
        }
        catch (BackendException exception) when (exception.Error is BackendError.NotFound or BackendError.AlreadyExists)
        {
            access.Require(folder, GrantVerb.Write);
            throw;
        }
    }

    private static async ValueTask RequireDirectoryAsync(BackendConnection connection, RemotePath path, CancellationToken cancellationToken)
    {
        var entry = await connection.GetEntryAsync(path, followSymlink: true, cancellationToken);
        if (entry.Type != RemoteEntryType.Directory)
        {
            throw new BackendException(BackendError.AlreadyExists, "There is something else of that name that is not a folder.") { Path = path };
        }
    }
}
