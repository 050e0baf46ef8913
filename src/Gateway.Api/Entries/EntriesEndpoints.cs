using Gateway.Api.OpenApi;

namespace Gateway.Api.Entries;

/// <summary>Routes of <c>…/entries/{path}</c>.</summary>
internal static class EntriesEndpoints
{
    private const string Route = "/v1/backends/{backend}/entries/{**path}";

    public static void MapEntries(this IEndpointRouteBuilder routes)
    {
        var handler = routes.ServiceProvider.GetRequiredService<EntriesHandler>();
        routes.MapRead(Route, handler.GetAsync, EntriesDescriptions.Get);
    }
}
