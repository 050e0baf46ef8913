using Gateway.Api.OpenApi;

namespace Gateway.Api.Backends;

/// <summary>Routes of <c>/v1/backends</c>.</summary>
internal static class BackendsEndpoints
{
    public static void MapBackends(this IEndpointRouteBuilder routes)
    {
        var handler = routes.ServiceProvider.GetRequiredService<BackendsHandler>();
        routes.MapRead("/v1/backends", handler.ListAsync, BackendsDescriptions.List);
        routes.MapRead("/v1/backends/{backend}", handler.GetAsync, BackendsDescriptions.Get);
    }
}
