using System.Security.Claims;
using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Microsoft.AspNetCore.Authentication;

namespace Gateway.Api.Identity;

/// <summary>
/// Finds out who calls, and puts the <see cref="Caller"/> into <see cref="HttpContext.User"/>; who shows nothing good is nobody there. Requests
/// without a credential and with an API key, which are most, are judged at once; every other scheme is the framework's, with its handler.
/// </summary>
internal sealed class CallerMiddleware(RequestDelegate next, CurrentSettings settings, ApiKeyAuthenticator keys)
{
    private static readonly ClaimsPrincipal s_anonymous = new(new Caller(
        CallerKind.Anonymous, "anonymous", static settings => settings.Identity.Anonymous ? AccessRights.Unlimited : AccessRights.None));

    public Task InvokeAsync(HttpContext context)
    {
        var scheme = IdentitySchemes.Choose(context);
        var principal = scheme switch
        {
            IdentitySchemes.Anonymous => settings.Value.Identity.Anonymous ? s_anonymous : null,
            IdentitySchemes.ApiKey => keys.Authenticate(context.Request.Headers),
            _ => null,
        };
        if (principal is not null)
        {
            context.User = principal;
        }

        return scheme is IdentitySchemes.Anonymous or IdentitySchemes.ApiKey ? next(context) : AuthenticateAsync(context, scheme);
    }

    private async Task AuthenticateAsync(HttpContext context, string scheme)
    {
        if (await context.AuthenticateAsync(scheme) is { Succeeded: true } result)
        {
            context.User = result.Principal;
        }

        await next(context);
    }
}
