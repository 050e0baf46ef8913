using Microsoft.AspNetCore.Authentication;

namespace Gateway.Api.Identity;

/// <summary>Who callers are: the framework's authentication, one handler for each scheme.</summary>
internal static class IdentitySetup
{
    public static void AddIdentity(this IServiceCollection services)
    {
        services.AddAuthentication(IdentitySchemes.Any)
            .AddPolicyScheme(IdentitySchemes.Any, null, options => options.ForwardDefaultSelector = IdentitySchemes.Choose)
            .AddScheme<AuthenticationSchemeOptions, AnonymousHandler>(IdentitySchemes.Anonymous, null)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(IdentitySchemes.ApiKey, null)
            .AddScheme<AuthenticationSchemeOptions, TokenHandler>(IdentitySchemes.Token, null);
    }
}
