using Gateway.Api.OpenApi;

namespace Gateway.Api.Directories;

/// <summary>Routes of <c>…/directories/{path}</c>.</summary>
internal static class DirectoriesEndpoints
{
    private const string Route = "/v1/backends/{backend}/directories/{**path}";

    public static void MapDirectories(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var list = services.GetRequiredService<ListHandler>();
        routes.MapOperation("GET", Route, list.HandleAsync);
        routes.MapOperation("HEAD", Route, list.HandleAsync);
        routes.MapOperation("PUT", Route, services.GetRequiredService<CreateDirectoryHandler>().HandleAsync);
        routes.MapOperation("DELETE", Route, services.GetRequiredService<DeleteDirectoryHandler>().HandleAsync);
    }
}
