using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Management;

namespace Gateway.Api.Limits;

/// <summary>
/// Counts requests of callers where there is a limit. It stands behind the question who calls, and before all others: also what is refused
/// counts. Probes and the operators' surface are never counted.
/// </summary>
internal sealed class RequestLimitMiddleware(RequestDelegate next, CurrentSettings settings, RequestLimit limit)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (settings.Value.Limits.RequestsPerMinute is { } perMinute && Surfaces.Of(context.Request.Path) == Surface.Public)
        {
            try
            {
                limit.Count(context, perMinute);
            }
            catch (ProblemException)
            {
                // The refusal must find time to reach a caller that sends a large body already.
                UploadLimits.Lift(context);
                throw;
            }
        }

        return next(context);
    }
}
