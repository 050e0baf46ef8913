using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Entries;

/// <summary>Routes of <c>…/entries/{path}</c>.</summary>
internal static class EntriesEndpoints
{
    private const string Route = "/v1/backends/{backend}/entries/{**path}";

    public static void MapEntries(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        routes.MapRead(Route, services.GetRequiredService<EntriesHandler>().GetAsync, EntriesDescriptions.Get).Needs(new RequiredRight(GrantVerb.List) { FollowsLink = false });
        routes.MapOperation("PATCH", Route, services.GetRequiredService<PatchEntryHandler>().HandleAsync, EntriesDescriptions.Patch).Needs(new RequiredRight(GrantVerb.Write));
    }
}
