using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Limits;
using Gateway.Api.Links;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Files;

/// <summary>Routes of <c>…/files/{path}</c>.</summary>
internal static class FilesEndpoints
{
    private const string Route = "/v1/backends/{backend}/files/{**path}";

    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        routes.MapRead(Route, services.GetRequiredService<DownloadHandler>().HandleAsync, FilesDescriptions.Download)
            .Needs(new RequiredRight(GrantVerb.Read, RightScope.Backend)).WithMetadata(TakesLinks.Instance, new CountsAsTransfer());
        routes.MapOperation("PUT", Route, services.GetRequiredService<UploadHandler>().HandleAsync, FilesDescriptions.Upload)
            .Needs(new RequiredRight(GrantVerb.Write)).WithMetadata(TakesLinks.Instance, new CountsAsTransfer());
        routes.MapOperation("DELETE", Route, services.GetRequiredService<DeleteFileHandler>().HandleAsync, FilesDescriptions.Delete).Needs(new RequiredRight(GrantVerb.Delete) { FollowsLink = false });
    }
}
