using Gateway.Api.Errors;

namespace Gateway.Api.Hosting;

/// <summary>Counts requests for <c>/v1</c>, and refuses new ones while the gateway stops.</summary>
internal sealed class DrainMiddleware(RequestDelegate next, Lifecycle lifecycle)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) ? CountAsync(context) : next(context);

    private async Task CountAsync(HttpContext context)
    {
        if (!lifecycle.TryEnter())
        {
            throw new ProblemException(ProblemTypes.ShuttingDown, "This gateway is being stopped; try again, another instance will answer.");
        }

        try
        {
            await next(context);
        }
        finally
        {
            lifecycle.Exit();
        }
    }
}
