using System.Text.Encodings.Web;
using Gateway.Api.Hosting;
using Gateway.Api.Identity.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Identity;

/// <summary>Bearer tokens, and whatever else stands in <c>Authorization</c>, which is never let in.</summary>
internal sealed partial class TokenHandler(
    TokenAuthenticator tokens, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ILogger<TokenHandler> logger)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        try
        {
            var text = BearerCredential.Read(Request.Headers.Authorization) ?? throw new TokenException("the header is no single 'Bearer'");
            return AuthenticateResult.Success(new AuthenticationTicket(await tokens.AuthenticateAsync(text, Context.RequestAborted), Scheme.Name));
        }
        catch (TokenException exception)
        {
            LogRefused(LoggedText.Of(exception.Message));
            return AuthenticateResult.Fail(exception);
        }
    }

    [LoggerMessage(1502, LogLevel.Information, "A token was refused: {Reason}.")]
    private partial void LogRefused(string reason);
}
