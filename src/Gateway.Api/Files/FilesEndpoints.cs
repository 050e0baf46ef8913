using Gateway.Api.OpenApi;

namespace Gateway.Api.Files;

/// <summary>Routes of <c>…/files/{path}</c>.</summary>
internal static class FilesEndpoints
{
    private const string Route = "/v1/backends/{backend}/files/{**path}";

    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        routes.MapRead(Route, services.GetRequiredService<DownloadHandler>().HandleAsync, FilesDescriptions.Download);
        routes.MapOperation("PUT", Route, services.GetRequiredService<UploadHandler>().HandleAsync, FilesDescriptions.Upload);
        routes.MapOperation("DELETE", Route, services.GetRequiredService<DeleteFileHandler>().HandleAsync, FilesDescriptions.Delete);
    }
}
