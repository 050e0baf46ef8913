using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Moves;

/// <summary>Routes of <c>…/moves</c>.</summary>
internal static class MovesEndpoints
{
    public static void MapMoves(this IEndpointRouteBuilder routes)
    {
        var handler = routes.ServiceProvider.GetRequiredService<MovesHandler>();
        routes.MapOperation("POST", "/v1/backends/{backend}/moves", handler.MoveAsync, MovesDescriptions.Create).Needs(new RequiredRight(GrantVerb.Write, RightScope.Backend));
    }
}
