using Gateway.Api.OpenApi;

namespace Gateway.Api.Backends;

/// <summary>Routes of <c>/v1/backends</c>.</summary>
internal static class BackendsEndpoints
{
    public static void MapBackends(this IEndpointRouteBuilder routes)
    {
        var handler = routes.ServiceProvider.GetRequiredService<BackendsHandler>();
        routes.MapOperation("GET", "/v1/backends", handler.ListAsync);
        routes.MapOperation("GET", "/v1/backends/{backend}", handler.GetAsync);
    }
}
