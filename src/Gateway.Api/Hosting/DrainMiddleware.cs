using System.Runtime.CompilerServices;
using Gateway.Api.Errors;
using Gateway.Api.Limits;
using Gateway.Broker.Async;

namespace Gateway.Api.Hosting;

/// <summary>Counts requests for <c>/v1</c> in and out, and refuses new ones while the gateway stops.</summary>
internal sealed class DrainMiddleware(RequestDelegate next, Lifecycle lifecycle)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) ? CountAsync(context) : next(context);

    [AsyncMethodBuilder(typeof(RecyclingTaskMethodBuilder))]
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
            // Here and not in a middleware of its own, which would cost every download an allocation.
            context.Features.Get<TransferPlace>()?.Leave();
            lifecycle.Exit();
        }
    }
}
