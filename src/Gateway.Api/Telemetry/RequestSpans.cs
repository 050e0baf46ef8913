using System.Diagnostics;
using System.Globalization;
using Gateway.Api.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Api.Telemetry;

/// <summary>
/// Gives the framework's span of a request its name and the attributes of OpenTelemetry's conventions for HTTP servers. The path and the
/// query are not among them: names of files are the callers' business, and the log has them under the same trace id.
/// </summary>
internal sealed class RequestSpans(RequestDelegate next)
{
    private static readonly string[] s_methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

    public async Task InvokeAsync(HttpContext context)
    {
        var activity = context.FindFeature<IHttpActivityFeature>()?.Activity;
        if (activity is not { IsAllDataRequested: true })
        {
            await next(context);
            return;
        }

        if (context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || context.Request.Path == "/metrics")
        {
            // Asked every few seconds for ever: what hangs below such a span, and the span itself, is worth nothing.
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            await next(context);
            return;
        }

        await next(context);
        Describe(activity, context);
    }

    private static void Describe(Activity activity, HttpContext context)
    {
        var request = context.Request;
        var status = context.Response.StatusCode;
        var wasCutOff = context.RequestAborted.IsCancellationRequested;
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;

        // There are few names of spans, whatever a caller may call his methods.
        var method = s_methods.Contains(request.Method, StringComparer.Ordinal) ? request.Method : null;
        activity.DisplayName = route is null ? method ?? "HTTP" : $"{method} {route}";
        activity.SetTag("http.request.method", method ?? "_OTHER")
            .SetTag("http.route", route)
            .SetTag("http.response.status_code", status)
            .SetTag("url.scheme", request.Scheme)
            .SetTag("server.address", request.Host.Host)
            .SetTag("server.port", request.Host.Port)
            .SetTag("network.protocol.version", request.Protocol.Split('/')[^1])
            .SetTag("gateway.backend", context.GetRouteValue("backend"));
        if (status >= 500)
        {
            activity.SetStatus(ActivityStatusCode.Error).SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
        }
        else if (wasCutOff)
        {
            // The status had gone out; the body did not end, whoever's fault it was.
            activity.SetTag("error.type", "aborted");
        }
    }
}
