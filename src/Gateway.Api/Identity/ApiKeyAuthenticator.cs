using System.Security.Claims;
using Gateway.Api.Configuration;

namespace Gateway.Api.Identity;

/// <summary>
/// API keys. A wrong key, an unknown one and one that has expired are the same to the caller, and take the same time: the log tells them apart.
/// </summary>
internal sealed partial class ApiKeyAuthenticator(CurrentSettings settings, TimeProvider time, ILogger<ApiKeyAuthenticator> logger)
{
    /// <summary>Judges the key that a request carries.</summary>
    /// <returns>Who calls; null where the key is not good.</returns>
    public ClaimsPrincipal? Authenticate(IHeaderDictionary headers)
    {
        if (ReadKey(headers) is not { } key || ApiKeyHash.FindId(key) is not { } id)
        {
            LogRefused("it has not the form of a key, or comes with a second credential");
            return null;
        }

        var known = settings.Value.Identity.FindKey(id);
        if (!ApiKeyHash.IsKeyOf(known?.Hash, key))
        {
            LogRefused(known is null ? "it is not configured" : "it is a wrong one for its id");
            return null;
        }

        if (known!.Expires is { } last && DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime) > last)
        {
            LogExpired(known.Name, last);
            return null;
        }

        return known.Principal;
    }

    /// <returns>Null where there is no single credential.</returns>
    private static string? ReadKey(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(IdentitySchemes.ApiKeyHeader, out var own))
        {
            return BearerCredential.Read(headers.Authorization);
        }

        return own is [{ } key] && headers.Authorization.Count == 0 ? key : null;
    }

    [LoggerMessage(1500, LogLevel.Information, "An API key was refused: {Reason}.")]
    private partial void LogRefused(string reason);

    [LoggerMessage(1501, LogLevel.Information, "An API key was refused: {Name} has expired, {Last} was its last day.")]
    private partial void LogExpired(string name, DateOnly last);
}
