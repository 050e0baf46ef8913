using Gateway.Api.Access;
using Gateway.Api.Configuration;

namespace Gateway.Api.Identity.Tokens;

/// <summary>What the caller with a token may do: put together once for each configuration, and asked many times for each request.</summary>
internal sealed class TokenRights(JwtSettings jwt, TokenClaims claims)
{
    private Known? _known;

    /// <summary>The rights; none where a reload has put another authority in the place of the token's.</summary>
    public AccessRights In(GatewaySettings settings)
    {
        var identity = settings.Identity;
        var known = Volatile.Read(ref _known);
        if (known is null || !ReferenceEquals(known.Identity, identity))
        {
            var isAccepted = identity.Jwt is { } now && now.Authority == jwt.Authority && now.Audience == jwt.Audience;
            known = new Known(identity, isAccepted ? identity.Grants.RightsOf(claims.Grants) : AccessRights.None);
            Volatile.Write(ref _known, known);
        }

        return known.Rights;
    }

    private sealed record Known(IdentitySettings Identity, AccessRights Rights);
}
