using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Identity;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Access;

/// <summary>
/// What the caller of one request may do: what handlers ask for a second path, for each entry, and once more when an upload is to be committed.
/// </summary>
internal sealed class CallerAccess(Caller caller, CurrentSettings settings, ConnectionBroker broker)
{
    private PathAccess? _target;

    /// <summary>The caller.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>Its rights by the settings in force: a grant that a reload took away is gone at once.</summary>
    public AccessRights Rights => Caller.RightsIn(settings.Value);

    /// <summary>The path of the request; only for routes whose right is of <see cref="RightScope.Path"/> or <see cref="RightScope.Within"/>.</summary>
    public PathAccess Target
    {
        get => _target ?? throw new InvalidOperationException("The route's right is not about a path.");
        set => _target = value;
    }

    /// <summary>The access of a request that <see cref="AccessMiddleware"/> let in.</summary>
    public static CallerAccess Of(HttpContext context) => context.FindFeature<CallerAccess>() ?? throw new InvalidOperationException("No access was decided for this request.");

    /// <summary>Whether <paramref name="verb"/> is allowed on a path of this name, wherever links lead.</summary>
    public bool Allows(string backend, RemotePath path, GrantVerb verb) => Rights.Allows(backend, path, verb);

    /// <summary>Does nothing where <paramref name="verb"/> is allowed on a path of this name, wherever links lead.</summary>
    /// <exception cref="ProblemException">It is not.</exception>
    public void Require(string backend, RemotePath path, GrantVerb verb)
    {
        var rights = Rights;
        if (!rights.Allows(backend, path, verb))
        {
            throw Refuse(rights, backend, path, path, verb);
        }
    }

    /// <summary>
    /// Lets the caller through to <paramref name="path"/>, if <paramref name="verb"/> is allowed on its name and on where it leads. A caller
    /// whose rights end nowhere on the backend costs nothing; for others the server is asked, on a lease of its own.
    /// </summary>
    /// <param name="backend">The backend's name.</param>
    /// <param name="path">The path.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="follows">Whether the operation follows a link of this name, or is about the link itself.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="ProblemException">It is not allowed.</exception>
    public ValueTask<PathAccess> RequireAsync(string backend, RemotePath path, GrantVerb verb, bool follows, CancellationToken cancellationToken)
    {
        Require(backend, path, verb);
        return NeedsLook(backend, path, verb)
            ? LookAsync(backend, path, verb, follows, isWithin: false, cancellationToken)
            : new(new PathAccess(this, backend, path, path));
    }

    /// <summary>The same for an operation that follows links, and asks for nothing more.</summary>
    public ValueTask LetThroughAsync(string backend, RemotePath path, GrantVerb verb, CancellationToken cancellationToken)
    {
        Require(backend, path, verb);
        return NeedsLook(backend, path, verb)
            ? WaitAsync(LookAsync(backend, path, verb, follows: true, isWithin: false, cancellationToken))
            : default;

        static async ValueTask WaitAsync(ValueTask<PathAccess> look) => await look;
    }

    /// <summary>The same where something in the folder <paramref name="path"/> has to be allowed: what, the caller is asked for later.</summary>
    public ValueTask<PathAccess> RequireWithinAsync(string backend, RemotePath path, GrantVerb verb, CancellationToken cancellationToken)
    {
        var rights = Rights;
        if (!rights.AllowsWithin(backend, path, verb))
        {
            throw Refuse(rights, backend, path, path, verb);
        }

        return NeedsLook(backend, path, verb)
            ? LookAsync(backend, path, verb, follows: true, isWithin: true, cancellationToken)
            : new(new PathAccess(this, backend, path, path));
    }

    /// <summary>Whether <see cref="RequireAsync"/> would let the caller through to what it follows; asks on a connection that the caller holds.</summary>
    public async ValueTask<bool> AllowsAsync(BackendConnection connection, string backend, RemotePath path, GrantVerb verb, CancellationToken cancellationToken)
    {
        var rights = Rights;
        return rights.Allows(backend, path, verb)
            && (AllowsAll(rights, backend, verb)
                || (await connection.ResolveAsync(path, cancellationToken) is { } real && rights.Allows(backend, real, verb)));
    }

    /// <summary>
    /// The answer to a caller that may not: that there is no such thing, where it may do nothing at all there, so that nobody learns what
    /// exists; else that this is forbidden.
    /// </summary>
    /// <param name="rights">What it may.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="path">What it may not reach, null for outside of everything.</param>
    /// <param name="asked">The name that it knows.</param>
    /// <param name="verb">What it wanted to do.</param>
    public ProblemException Refuse(AccessRights rights, string backend, RemotePath? path, RemotePath asked, GrantVerb verb) =>
        !rights.Sees(backend) ? BackendRequest.NotFound()
        : path is not { } known || !rights.Sees(backend, known) ? new ProblemException(ProblemTypes.NotFound, "There is nothing at this path.") { Path = asked }
        : new ProblemException(ProblemTypes.Forbidden, $"'{Caller.CallerName}' has no right to {verb.ToWord()} this.") { Path = asked };

    /// <summary>
    /// False where the verb is allowed wherever links lead, and reading, too, for whatever comes next of a listing. A backend that does not
    /// exist is told by the handler.
    /// </summary>
    private bool NeedsLook(string backend, RemotePath path, GrantVerb verb) =>
        !AllowsAll(Rights, backend, verb) && !path.IsRoot && settings.Value.Backends.ContainsKey(backend);

    private async ValueTask<PathAccess> LookAsync(
        string backend, RemotePath path, GrantVerb verb, bool follows, bool isWithin, CancellationToken cancellationToken)
    {
        var real = await broker.RunAsync(
            backend,
            async (connection, token) => follows
                ? await connection.ResolveAsync(path, token)
                : (await connection.ResolveAsync(path.Parent, token))?.Append(path.Name),
            cancellationToken);
        var rights = Rights;
        return real is { } known && (isWithin ? rights.AllowsWithin(backend, known, verb) : rights.Allows(backend, known, verb))
            ? new PathAccess(this, backend, path, known)
            : throw Refuse(rights, backend, real, path, verb);
    }

    private static bool AllowsAll(AccessRights rights, string backend, GrantVerb verb) =>
        rights.AllowsAll(backend, verb) && rights.AllowsAll(backend, GrantVerb.Read);
}
