using Gateway.Api.Errors;

namespace Gateway.Api.Management;

/// <summary>
/// Keeps the surfaces apart where <c>Gateway:Management:Port</c> is set: what belongs to the other port does not exist on this one, whatever
/// the method.
/// </summary>
internal sealed class SurfaceMiddleware(RequestDelegate next, ManagementPort management)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (management.Number is null)
        {
            return next(context);
        }

        var isOperators = management.TookIn(context);
        return Surfaces.Of(context.Request.Path) switch
        {
            Surface.Operators when !isOperators => throw new ProblemException(ProblemTypes.NotFound, "There is no such route."),
            Surface.Public when isOperators => throw new ProblemException(ProblemTypes.NotFound, "There is no such route here: this port is the operators' (Gateway:Management:Port)."),
            _ => next(context),
        };
    }
}
