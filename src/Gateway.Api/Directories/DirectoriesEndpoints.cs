using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Forms;
using Gateway.Api.Limits;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Directories;

/// <summary>Routes of <c>…/directories/{path}</c>.</summary>
internal static class DirectoriesEndpoints
{
    private const string Route = "/v1/backends/{backend}/directories/{**path}";

    public static void MapDirectories(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        routes.MapRead(Route, services.GetRequiredService<ListHandler>().HandleAsync, DirectoriesDescriptions.List)
            .Needs(new RequiredRight(GrantVerb.List)).WithMetadata(new CountsAsTransfer(ListHandler.Streams));
        routes.MapOperation("POST", Route, services.GetRequiredService<FormHandler>().HandleAsync, FormsDescriptions.Upload)
            .Needs(new RequiredRight(GrantVerb.Write, RightScope.Within)).WithMetadata(new CountsAsTransfer());
        routes.MapOperation("PUT", Route, services.GetRequiredService<CreateDirectoryHandler>().HandleAsync, DirectoriesDescriptions.Create).Needs(new RequiredRight(GrantVerb.Write));
        routes.MapOperation("DELETE", Route, services.GetRequiredService<DeleteDirectoryHandler>().HandleAsync, DirectoriesDescriptions.Delete).Needs(new RequiredRight(GrantVerb.Delete) { FollowsLink = false });
    }
}
