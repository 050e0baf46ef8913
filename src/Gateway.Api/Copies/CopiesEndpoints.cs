using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Limits;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Copies;

/// <summary>Routes of <c>…/copies</c>.</summary>
internal static class CopiesEndpoints
{
    public static void MapCopies(this IEndpointRouteBuilder routes)
    {
        var handler = routes.ServiceProvider.GetRequiredService<CopiesHandler>();
        routes.MapOperation("POST", "/v1/backends/{backend}/copies", handler.CopyAsync, CopiesDescriptions.Create)
            .Needs(new RequiredRight(GrantVerb.Write, RightScope.Backend)).WithMetadata(new CountsAsTransfer());
    }
}
