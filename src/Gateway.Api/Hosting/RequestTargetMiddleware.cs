using Gateway.Api.Errors;

namespace Gateway.Api.Hosting;

/// <summary>
/// Refuses dot segments before routing: Kestrel has resolved them by then, and <c>/files/%2e%2e/x</c> would reach another route.
/// </summary>
internal sealed class RequestTargetMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        RequestTarget.HasDotSegment(RequestTarget.RawPath(context))
            ? throw new ProblemException(ProblemTypes.InvalidPath, "The path has a '.' or '..' segment; write the path in full.")
            : next(context);
}
