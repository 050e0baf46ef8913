using Gateway.Api.Identity.Tokens;
using Microsoft.AspNetCore.Authentication;

namespace Gateway.Api.Identity;

/// <summary>Who callers are.</summary>
internal static class IdentitySetup
{
    public static void AddIdentity(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeyAuthenticator>();
        services.AddSingleton<AuthorityClient>();
        services.AddSingleton<TokenAuthenticator>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, TokenHandler>(IdentitySchemes.Token, null);
    }
}
