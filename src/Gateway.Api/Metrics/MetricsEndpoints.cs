using System.Text;
using Gateway.Api.Errors;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Metrics;

/// <summary><c>/metrics</c>.</summary>
internal static class MetricsEndpoints
{
    private static readonly OperationDescription s_description = new()
    {
        Id = "getMetrics",
        Tag = OpenApiTags.Health,
        Summary = "Metrics for Prometheus",
        Description = "Pools, transfers, requests and the runtime in Prometheus' text format. Names are those of OpenTelemetry with underscores. For operators: at `Management:Port`, or with the right `admin`.",
        Responses = [new(200, "The metrics.") { Bodies = [new("text/plain", "")] }],
        Problems = [ProblemTypes.Unauthorized, ProblemTypes.Forbidden],
    };

    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        var collector = routes.ServiceProvider.GetRequiredService<MetricCollector>();
        routes.MapRead("/metrics", context => SendAsync(context, collector), s_description);
    }

    private static async Task SendAsync(HttpContext context, MetricCollector collector)
    {
        var body = Encoding.UTF8.GetBytes(collector.Format());
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
        }
    }
}
