using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Backends;

/// <summary>Routes of <c>/v1/backends</c>.</summary>
internal static class BackendsEndpoints
{
    public static void MapBackends(this IEndpointRouteBuilder routes)
    {
        var handler = routes.ServiceProvider.GetRequiredService<BackendsHandler>();
        routes.MapRead("/v1/backends", handler.ListAsync, BackendsDescriptions.List).Needs(new RequiredRight(GrantVerb.List, RightScope.Caller));
        routes.MapRead("/v1/backends/{backend}", handler.GetAsync, BackendsDescriptions.Get).Needs(new RequiredRight(GrantVerb.List, RightScope.Backend));
    }
}
