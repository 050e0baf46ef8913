using Gateway.Api.OpenApi;

namespace Gateway.Api.Files;

/// <summary>Routes of <c>…/files/{path}</c>.</summary>
internal static class FilesEndpoints
{
    private const string Route = "/v1/backends/{backend}/files/{**path}";

    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var download = services.GetRequiredService<DownloadHandler>();
        routes.MapOperation("GET", Route, download.HandleAsync);
        routes.MapOperation("HEAD", Route, download.HandleAsync);
        routes.MapOperation("PUT", Route, services.GetRequiredService<UploadHandler>().HandleAsync);
        routes.MapOperation("DELETE", Route, services.GetRequiredService<DeleteFileHandler>().HandleAsync);
    }
}
