using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Identity;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Api.Access;

/// <summary>
/// What the caller of one request may do: what handlers ask for a second path, for each entry, and once more when an upload is to be committed.
/// Each question is judged by the settings in force then, so that a grant taken away by a reload is gone at once.
/// </summary>
internal sealed class CallerAccess(Caller caller, CurrentSettings settings)
{
    /// <summary>The caller.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>Its rights at this moment.</summary>
    public AccessRights Rights => Caller.RightsIn(settings.Value);

    /// <summary>The access of a request that <see cref="AccessMiddleware"/> let in.</summary>
    public static CallerAccess Of(HttpContext context) => context.Features.GetRequiredFeature<CallerAccess>();

    /// <summary>Whether <paramref name="verb"/> is allowed on <paramref name="path"/>.</summary>
    public bool Allows(string backend, RemotePath path, GrantVerb verb) => Rights.Allows(backend, path, verb);

    /// <summary>Does nothing where <paramref name="verb"/> is allowed on <paramref name="path"/>.</summary>
    /// <exception cref="ProblemException">It is not.</exception>
    public void Require(string backend, RemotePath path, GrantVerb verb)
    {
        var rights = Rights;
        if (!rights.Allows(backend, path, verb))
        {
            throw Refuse(rights, backend, path, verb);
        }
    }

    /// <summary>
    /// The answer to a caller that may not: that there is no such thing, where it may do nothing at all there, so that nobody learns what
    /// exists; else that this is forbidden.
    /// </summary>
    public static ProblemException Refuse(AccessRights rights, string backend, RemotePath path, GrantVerb verb) =>
        !rights.Sees(backend) ? BackendRequest.NotFound()
        : !rights.Sees(backend, path) ? new ProblemException(ProblemTypes.NotFound, "There is nothing at this path.") { Path = path }
        : new ProblemException(ProblemTypes.Forbidden, $"The caller has no right to {Word(verb)} here.") { Path = path };

    private static string Word(GrantVerb verb) => verb.ToString().ToLowerInvariant();
}
