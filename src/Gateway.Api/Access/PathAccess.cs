using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;

namespace Gateway.Api.Access;

/// <summary>
/// A path that a caller was let through to: under the name that was asked for, and where it lies once links are followed. Whatever is asked of
/// it, and of what lies below, must be allowed for both: a link gives nobody rights on what it leads to.
/// </summary>
internal sealed class PathAccess(CallerAccess access, string backend, RemotePath asked, RemotePath real)
{
    private readonly AccessRights _rights = access.Rights;

    /// <summary>The rights under which the caller was let through; one object for as long as they stay the same.</summary>
    public AccessRights Rights => _rights;

    /// <summary>The path that was asked for.</summary>
    public RemotePath Asked { get; } = asked;

    /// <summary>Whether every listing shows everything.</summary>
    public bool ShowsAll => _rights.AllowsAll(backend, GrantVerb.List);

    /// <summary>Whether <paramref name="verb"/> is allowed on everything below <paramref name="path"/>, without looking at each.</summary>
    public bool AllowsTree(RemotePath path, GrantVerb verb) => _rights.AllowsTree(backend, path, verb) && _rights.AllowsTree(backend, Locate(path), verb);

    /// <summary>Whether <paramref name="verb"/> is allowed on <paramref name="path"/>, which is this one, or below or above it.</summary>
    public bool Allows(RemotePath path, GrantVerb verb) => _rights.Allows(backend, path, verb) && _rights.Allows(backend, Locate(path), verb);

    /// <summary>The same for where a link at <paramref name="path"/> leads, which a connection is asked for.</summary>
    public async ValueTask<bool> AllowsAsync(BackendConnection connection, RemotePath path, GrantVerb verb, CancellationToken cancellationToken) =>
        Allows(path, verb) && await access.AllowsAsync(connection, backend, path, verb, cancellationToken);

    /// <summary>
    /// Whether a listing of <paramref name="folder"/> shows an entry: where it may be listed, or is a folder on the way to something that may.
    /// A name that no path can hold is shown to those who see everything.
    /// </summary>
    public bool Shows(RemotePath folder, in RemoteEntry entry)
    {
        if (ShowsAll)
        {
            return true;
        }

        if (!entry.IsAddressable)
        {
            return false;
        }

        var path = folder.Append(entry.Name);
        return entry.Type is RemoteEntryType.Directory or RemoteEntryType.Symlink
            ? Allows(path, GrantVerb.List)
            : _rights.Covers(backend, path, GrantVerb.List) && _rights.Covers(backend, Locate(path), GrantVerb.List);
    }

    /// <summary>Does nothing where <paramref name="verb"/> is allowed on <paramref name="path"/> by the settings that are in force now.</summary>
    /// <exception cref="ProblemException">It is not.</exception>
    public void Require(RemotePath path, GrantVerb verb)
    {
        access.Require(backend, path, verb);
        var rights = access.Rights;
        if (!rights.Allows(backend, Locate(path), verb))
        {
            throw access.Refuse(rights, backend, Locate(path), path, verb);
        }
    }

    /// <summary>Below and above the path no further links are followed, or exist.</summary>
    private RemotePath Locate(RemotePath path)
    {
        if (real == Asked)
        {
            return path;
        }

        var located = real;
        if (path.IsWithin(Asked))
        {
            foreach (var name in path.Value[(Asked.IsRoot ? 0 : Asked.Value.Length)..].Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                located = located.Append(name);
            }

            return located;
        }

        for (var above = Asked; above != path && !above.IsRoot; above = above.Parent)
        {
            located = located.Parent;
        }

        return located;
    }
}
