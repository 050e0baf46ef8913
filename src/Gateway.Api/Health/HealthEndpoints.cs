using Gateway.Api.Hosting;
using Gateway.Api.OpenApi;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Api.Health;

/// <summary><c>/health</c> and its parts.</summary>
internal static class HealthEndpoints
{
    private const string Ready = "ready";
    private const string Backends = "backends";

    public static void AddGatewayHealth(this IServiceCollection services)
    {
        // Readiness remembers that the start is over.
        services.AddSingleton<ReadinessCheck>();
        services.AddHealthChecks()
            .AddCheck<ReadinessCheck>(Ready)
            .AddCheck<BackendsHealthCheck>(Backends);
    }

    public static void MapGatewayHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", CreateOptions(_ => false, WriteStatusAsync)).Describe(HealthDescriptions.Live);
        routes.MapHealthChecks("/health/ready", CreateOptions(check => check.Name == Ready, WriteStatusAsync)).Describe(HealthDescriptions.Ready);
        routes.MapHealthChecks("/health", CreateOptions(check => check.Name == Backends, WriteDetailsAsync)).Describe(HealthDescriptions.Details);
    }

    /// <summary>The framework maps health checks for every method, and without what the OpenAPI document needs.</summary>
    private static void Describe(this IEndpointConventionBuilder endpoint, OperationDescription description) =>
        endpoint.WithMetadata(
            new HttpMethodMetadata(["GET", "HEAD"]), typeof(RequestDelegate).GetMethod(nameof(RequestDelegate.Invoke))!, description);

    private static HealthCheckOptions CreateOptions(
        Func<HealthCheckRegistration, bool> choose, Func<HttpContext, HealthReport, Task> write) => new()
    {
        Predicate = choose,

        // The framework would add headers of HTTP/1.0 that nobody needs.
        AllowCachingResponses = true,
        ResponseWriter = (context, report) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return write(context, report);
        },
        ResultStatusCodes =
        {
            [HealthStatus.Healthy] = StatusCodes.Status200OK,
            [HealthStatus.Degraded] = StatusCodes.Status200OK,
            [HealthStatus.Unhealthy] = StatusCodes.Status503ServiceUnavailable,
        },
    };

    private static Task WriteStatusAsync(HttpContext context, HealthReport report)
    {
        var detail = report.Entries.Values.Select(entry => entry.Description).FirstOrDefault(text => text is not null);
        var document = new StatusDocument(HealthWords.Of(report.Status), detail);
        return JsonResponse.WriteAsync(context, document, GatewayJson.Documents.StatusDocument, HealthDescriptions.ContentType);
    }

    private static Task WriteDetailsAsync(HttpContext context, HealthReport report)
    {
        var backends = report.Entries[Backends].Data.ToDictionary(
            pair => pair.Key, pair => (BackendHealthDocument)pair.Value, StringComparer.Ordinal);
        var document = new HealthDocument(HealthWords.Of(report.Status), backends);
        return JsonResponse.WriteAsync(context, document, GatewayJson.Documents.HealthDocument, HealthDescriptions.ContentType);
    }
}
