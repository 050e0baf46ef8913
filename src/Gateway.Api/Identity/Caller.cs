using System.Security.Claims;
using Gateway.Api.Access;
using Gateway.Api.Configuration;

namespace Gateway.Api.Identity;

/// <summary>
/// Who sent a request: what <see cref="CallerMiddleware"/>, or an authentication handler that it asks, puts into <see cref="HttpContext.User"/>.
/// </summary>
internal sealed class Caller : ClaimsIdentity
{
    private readonly Func<GatewaySettings, AccessRights> _rights;

    /// <param name="kind">How it is known.</param>
    /// <param name="name">Its name for logs, limits and the audit; never a secret. Only together with the kind it is unique.</param>
    /// <param name="rights">
    /// Its rights under given settings. It is asked again whenever a right is needed: under settings that no longer know the caller the answer
    /// is <see cref="AccessRights.None"/>. It must be quick: what takes time belongs into the making of <see cref="GatewaySettings"/>.
    /// </param>
    public Caller(CallerKind kind, string name, Func<GatewaySettings, AccessRights> rights)
        : base([new Claim(DefaultNameClaimType, name)], SchemeOf(kind))
    {
        (Kind, CallerName, _rights) = (kind, name, rights);
    }

    /// <summary>How it is known.</summary>
    public CallerKind Kind { get; }

    /// <summary>Its name: of the key, or the token's subject. From a token, so text from outside: see <c>LoggedText</c>.</summary>
    public string CallerName { get; }

    /// <summary>The link's id; null for every other kind.</summary>
    public string? LinkId { get; init; }

    /// <summary>Of a token: the names of grants in it; null for every other kind.</summary>
    public IReadOnlyList<string>? Grants { get; init; }

    /// <summary>Of a token: from when on it is no longer good; null for every other kind.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The caller of a request; null where it showed nothing, or nothing good.</summary>
    public static Caller? Find(HttpContext context) => context.User.Identity as Caller;

    /// <summary>What it may do under <paramref name="settings"/>.</summary>
    public AccessRights RightsIn(GatewaySettings settings) => _rights(settings);

    private static string SchemeOf(CallerKind kind) => kind switch
    {
        CallerKind.ApiKey => IdentitySchemes.ApiKey,
        CallerKind.Token => IdentitySchemes.Token,
        CallerKind.Link => IdentitySchemes.Link,
        _ => IdentitySchemes.Anonymous,
    };
}
