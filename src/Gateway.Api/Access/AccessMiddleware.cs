using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;
using Gateway.Api.Identity;
using Gateway.Api.Management;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Access;

/// <summary>
/// Lets a request through to its handler where its caller has the endpoint's <see cref="RequiredRight"/>: else 401, 403 or 404. Below
/// <c>/v1</c> nobody gets past who is not known, not even to learn which routes there are. Behind it handlers find <see cref="CallerAccess"/>.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next, CurrentSettings settings, ConnectionBroker broker, ManagementPort management)
{
    public Task InvokeAsync(HttpContext context)
    {
        ValueTask letThrough;
        try
        {
            letThrough = LetThroughAsync(context);
        }
        catch (ProblemException)
        {
            // The refusal must find time to reach a caller that sends a large body already; of what it sends little is read.
            UploadLimits.Lift(context);
            throw;
        }

        return letThrough.IsCompletedSuccessfully ? next(context) : WaitAsync(letThrough, context);
    }

    private async Task WaitAsync(ValueTask letThrough, HttpContext context)
    {
        try
        {
            await letThrough;
        }
        catch (ProblemException)
        {
            UploadLimits.Lift(context);
            throw;
        }

        await next(context);
    }

    private ValueTask LetThroughAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var right = endpoint?.Metadata.GetMetadata<RequiredRight>() ?? management.RightFor(context);
        if (right is null && !context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        var access = new CallerAccess(Identify(context), settings, broker);
        context.SetFeature(access);
        if (right is not null)
        {
            return LetThroughAsync(context, access, right);
        }

        return endpoint is RouteEndpoint ? throw new InvalidOperationException($"{endpoint.DisplayName} names no right: nobody can be let through.") : default;
    }

    private static Caller Identify(HttpContext context)
    {
        if (Caller.Find(context) is { } caller)
        {
            return caller;
        }

        // The same words for every reason: a stranger learns nothing about keys that exist, or existed.
        var wasShown = IdentitySchemes.Choose(context) != IdentitySchemes.Anonymous;
        throw wasShown
            ? new ProblemException(ProblemTypes.Unauthorized, "The credential is not valid, or no longer.") { Challenge = "Bearer realm=\"gateway\", error=\"invalid_token\"" }
            : new ProblemException(ProblemTypes.Unauthorized, "The request carries no credential: an API key or a bearer token.") { Challenge = "Bearer realm=\"gateway\"" };
    }

    private static ValueTask LetThroughAsync(HttpContext context, CallerAccess access, RequiredRight right)
    {
        switch (right.Scope)
        {
            case RightScope.Caller:
                return default;
            case RightScope.Gateway:
                return access.Rights.IsAdministrator
                    ? default
                    : throw new ProblemException(ProblemTypes.Forbidden, "This is for callers with the right admin.");
        }

        var backend = (string)context.GetRouteValue("backend")!;
        if (!access.Rights.Sees(backend))
        {
            throw BackendRequest.NotFound();
        }

        return right.Scope == RightScope.Backend ? default : LetThroughToPathAsync(context, access, backend, right);
    }

    private static async ValueTask LetThroughToPathAsync(HttpContext context, CallerAccess access, string backend, RequiredRight right)
    {
        var path = RequestTarget.ReadPath(context);
        access.Target = right.Scope == RightScope.Within
            ? await access.RequireWithinAsync(backend, path, right.Verb, context.RequestAborted)
            : await access.RequireAsync(backend, path, right.Verb, right.FollowsLink, context.RequestAborted);
    }
}
