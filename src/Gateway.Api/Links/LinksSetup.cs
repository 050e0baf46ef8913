using Gateway.Api.Identity;
using Microsoft.AspNetCore.Authentication;

namespace Gateway.Api.Links;

/// <summary>Presigned links.</summary>
internal static class LinksSetup
{
    public static void AddLinks(this IServiceCollection services)
    {
        services.AddSingleton<LinkUses>();
        services.AddSingleton<LinksHandler>();
        services.Configure<AuthenticationOptions>(options => options.AddScheme<LinkHandler>(IdentitySchemes.Link, null));
        services.AddTransient<LinkHandler>();
    }
}
