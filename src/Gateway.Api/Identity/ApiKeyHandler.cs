using System.Text.Encodings.Web;
using Gateway.Api.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Identity;

/// <summary>
/// API keys. A wrong key, an unknown one and one that has expired are the same to the caller, and take the same time: the log tells them apart.
/// </summary>
internal sealed partial class ApiKeyHandler(
    CurrentSettings settings, TimeProvider time, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ILogger<ApiKeyHandler> logger)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private static readonly Task<AuthenticateResult> s_refused = Task.FromResult(AuthenticateResult.Fail("The API key is not valid."));

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (ReadKey() is not { } key || ApiKeyHash.FindId(key) is not { } id)
        {
            return RefuseAsync("it has not the form of a key, or comes with a second credential");
        }

        var known = settings.Value.Identity.FindKey(id);
        if (!ApiKeyHash.IsKeyOf(known?.Hash, key))
        {
            return RefuseAsync(known is null ? "it is not configured" : "it is a wrong one for its id");
        }

        return known!.Expires is { } last && DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime) > last
            ? RefuseAsync($"{known.Name} has expired")
            : Task.FromResult(AuthenticateResult.Success(known.Ticket));
    }

    /// <returns>Null where there is no single credential.</returns>
    private string? ReadKey()
    {
        var headers = Request.Headers;
        if (!headers.TryGetValue(IdentitySchemes.ApiKeyHeader, out var own))
        {
            return BearerCredential.Read(headers.Authorization);
        }

        return own is [{ } key] && headers.Authorization.Count == 0 ? key : null;
    }

    private Task<AuthenticateResult> RefuseAsync(string reason)
    {
        LogRefused(reason);
        return s_refused;
    }

    [LoggerMessage(1500, LogLevel.Information, "An API key was refused: {Reason}.")]
    private partial void LogRefused(string reason);
}
