using System.Runtime.CompilerServices;
using Gateway.Broker.Async;

namespace Gateway.Api.Audit;

/// <summary>Writes the audit's line of each request when it has ended, however it did. Outermost: what goes wrong inside is seen as callers see it.</summary>
internal sealed class AuditMiddleware(RequestDelegate next, AuditLog log, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context) => log.IsOn ? AuditAsync(context) : next(context);

    [AsyncMethodBuilder(typeof(RecyclingTaskMethodBuilder))]
    private async Task AuditAsync(HttpContext context)
    {
        var entry = new AuditEntry(log, time);
        context.Features.Set(entry);
        try
        {
            await next(context);
        }
        finally
        {
            entry.End(context);
        }
    }
}
