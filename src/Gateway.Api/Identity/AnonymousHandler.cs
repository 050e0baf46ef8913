using System.Security.Claims;
using System.Text.Encodings.Web;
using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Identity;

/// <summary>Requests that carry nothing: let in where <c>Identity:Anonymous</c> says so, with every right.</summary>
internal sealed class AnonymousHandler(
    CurrentSettings settings, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private static readonly AuthenticationTicket s_ticket = new(
        new ClaimsPrincipal(new Caller(CallerKind.Anonymous, "anonymous", static settings => settings.Identity.Anonymous ? AccessRights.Unlimited : AccessRights.None)),
        IdentitySchemes.Anonymous);

    private static readonly Task<AuthenticateResult> s_letIn = Task.FromResult(AuthenticateResult.Success(s_ticket));
    private static readonly Task<AuthenticateResult> s_unknown = Task.FromResult(AuthenticateResult.NoResult());

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => settings.Value.Identity.Anonymous ? s_letIn : s_unknown;
}
