using Gateway.Api.Errors;

namespace Gateway.Api.Hosting;

/// <summary>
/// Counts requests for <c>/v1</c> in, and refuses new ones while the gateway stops. <see cref="ProblemMiddleware"/> counts them out: they have
/// the <see cref="Lifecycle"/> as a feature.
/// </summary>
internal sealed class DrainMiddleware(RequestDelegate next, Lifecycle lifecycle)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            if (!lifecycle.TryEnter())
            {
                throw new ProblemException(ProblemTypes.ShuttingDown, "This gateway is being stopped; try again, another instance will answer.");
            }

            context.SetFeature(lifecycle);
        }

        return next(context);
    }
}
