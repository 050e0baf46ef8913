using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Identity;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Authentication;

namespace Gateway.Api.Access;

/// <summary>
/// Lets a request through to its handler where its caller has the endpoint's <see cref="RequiredRight"/>: else 401, 403 or 404. Below
/// <c>/v1</c> nobody gets past who is not known, not even to learn which routes there are. Behind it handlers find <see cref="CallerAccess"/>.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next, CurrentSettings settings)
{
    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var right = endpoint?.Metadata.GetMetadata<RequiredRight>();
        if (right is null && !context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        var access = new CallerAccess(Identify(context), settings);
        context.Features.Set(access);
        if (right is not null)
        {
            Require(context, access, right);
        }
        else if (endpoint is RouteEndpoint)
        {
            throw new InvalidOperationException($"{endpoint.DisplayName} names no right: nobody can be let through.");
        }

        return next(context);
    }

    private static Caller Identify(HttpContext context)
    {
        if (Caller.Find(context) is { } caller)
        {
            return caller;
        }

        // The same words for every reason: a stranger learns nothing about keys that exist, or existed.
        var wasShown = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Failure is not null;
        throw wasShown
            ? new ProblemException(ProblemTypes.Unauthorized, "The credential is not valid, or no longer.") { Challenge = "Bearer realm=\"gateway\", error=\"invalid_token\"" }
            : new ProblemException(ProblemTypes.Unauthorized, "The request carries no credential: an API key or a bearer token.") { Challenge = "Bearer realm=\"gateway\"" };
    }

    private static void Require(HttpContext context, CallerAccess access, RequiredRight right)
    {
        var rights = access.Rights;
        if (rights.IsUnlimited || right.Scope == RightScope.Caller)
        {
            return;
        }

        if (right.Scope == RightScope.Gateway)
        {
            if (!rights.IsAdministrator)
            {
                throw new ProblemException(ProblemTypes.Forbidden, "This is for callers with the right admin on every backend.");
            }

            return;
        }

        var backend = (string)context.GetRouteValue("backend")!;
        if (!rights.Sees(backend))
        {
            throw BackendRequest.NotFound();
        }

        if (right.Scope == RightScope.Backend)
        {
            return;
        }

        var path = RequestTarget.ReadPath(context);
        if (!IsAllowed(rights, backend, path, right))
        {
            throw CallerAccess.Refuse(rights, backend, path, right.Verb);
        }
    }

    private static bool IsAllowed(AccessRights rights, string backend, RemotePath path, RequiredRight right) =>
        right.Scope == RightScope.Within ? rights.AllowsWithin(backend, path, right.Verb) : rights.Allows(backend, path, right.Verb);
}
