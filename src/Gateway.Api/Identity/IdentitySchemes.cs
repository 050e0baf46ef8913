using Gateway.Api.Links;

namespace Gateway.Api.Identity;

/// <summary>
/// The names of the authentication schemes. A request is given to exactly one, by what it carries; what it carries is always judged: a bad
/// credential is 401 also where callers need none.
/// </summary>
internal static class IdentitySchemes
{
    /// <summary>Requests without a credential.</summary>
    public const string Anonymous = "anonymous";

    /// <summary><c>X-Api-Key: gw_…</c> or <c>Authorization: Bearer gw_…</c>.</summary>
    public const string ApiKey = "api-key";

    /// <summary><c>Authorization: Bearer</c> and a JSON Web Token.</summary>
    public const string Token = "token";

    /// <summary>A presigned link.</summary>
    public const string Link = "link";

    /// <summary>Where an API key may stand.</summary>
    public const string ApiKeyHeader = "X-Api-Key";

    /// <summary>What every API key begins with: so that secret scanners find one that was committed by mistake, and a key is told from a token.</summary>
    public const string ApiKeyPrefix = "gw_";

    /// <summary>The scheme that judges what a request carries.</summary>
    public static string Choose(HttpContext context)
    {
        // A browser may send an Authorization of its own to this host: a link is judged alone.
        if (context.Request.QueryString.HasValue && context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) && LinkQuery.IsPresent(context.Request))
        {
            return Link;
        }

        var headers = context.Request.Headers;
        if (headers.ContainsKey(ApiKeyHeader))
        {
            return ApiKey;
        }

        var authorization = headers.Authorization;
        if (authorization.Count == 0)
        {
            return Anonymous;
        }

        return BearerCredential.Read(authorization) is { } text && text.StartsWith(ApiKeyPrefix, StringComparison.Ordinal) ? ApiKey : Token;
    }
}
