using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;

namespace Gateway.Api.Access;

/// <summary>
/// Looks at everything in a tree before it is deleted or moved as a whole: where a single entry forbids it nothing is changed. What somebody
/// adds between the look and the change is not seen.
/// </summary>
internal static class TreeCheck
{
    /// <summary>Ends where everything below <paramref name="root"/> is allowed.</summary>
    /// <param name="connection">Where to look.</param>
    /// <param name="root">The tree; a file is none.</param>
    /// <param name="isAllowed">Whether something may be done with an entry.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="ProblemException">Something is not allowed; not told what, of which the caller may not know.</exception>
    public static async ValueTask RequireAsync(BackendConnection connection, RemotePath root, Func<RemotePath, bool> isAllowed, CancellationToken cancellationToken)
    {
        if ((await connection.GetEntryAsync(root, followSymlink: false, cancellationToken)).Type != RemoteEntryType.Directory)
        {
            return;
        }

        await using var tree = await TreeStream.OpenAsync(connection, root, depth: int.MaxValue, access: null, cancellationToken);
        while (await tree.MoveNextAsync())
        {
            var item = tree.Current;
            if (item.Unreadable is not null || !item.Entry.IsAddressable || !isAllowed(item.Folder.Append(item.Entry.Name)))
            {
                throw new ProblemException(ProblemTypes.Forbidden, "The caller has no right to do this with everything in the folder; nothing was changed.");
            }
        }
    }
}
