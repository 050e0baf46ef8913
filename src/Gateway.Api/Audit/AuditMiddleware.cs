using Gateway.Api.Hosting;

namespace Gateway.Api.Audit;

/// <summary>
/// Begins the audit's line of each request. It is written when the request has ended, however it did, by
/// <see cref="Errors.ProblemMiddleware"/>: what goes wrong inside is seen as callers see it.
/// </summary>
internal sealed class AuditMiddleware(RequestDelegate next, AuditLog log, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (log.IsOn)
        {
            context.SetFeature(new AuditEntry(log, time));
        }

        return next(context);
    }
}
