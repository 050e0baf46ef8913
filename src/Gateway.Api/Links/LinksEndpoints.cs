using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Links;

/// <summary>Routes of <c>…/links</c>.</summary>
internal static class LinksEndpoints
{
    public static void MapLinks(this IEndpointRouteBuilder routes)
    {
        var handler = routes.ServiceProvider.GetRequiredService<LinksHandler>();
        routes.MapOperation("POST", "/v1/backends/{backend}/links", handler.CreateAsync, LinksDescriptions.Create)
            .Needs(new RequiredRight(GrantVerb.Read, RightScope.Backend));
    }
}
