using System.Security.Claims;
using Gateway.Api.Configuration;

namespace Gateway.Api.Identity.Tokens;

/// <summary>Judges bearer tokens of the authority at <c>Identity:Jwt</c>.</summary>
internal sealed class TokenAuthenticator(CurrentSettings settings, AuthorityClient client, TimeProvider time, ILogger<TokenAuthenticator> logger)
{
    private readonly VerifiedTokens _verified = new();
    private AuthorityKeys? _keys;

    /// <summary>Judges a token.</summary>
    /// <returns>Who calls.</returns>
    /// <exception cref="TokenException">It is not accepted.</exception>
    /// <exception cref="Errors.ProblemException">The authority could not be asked.</exception>
    public async ValueTask<ClaimsPrincipal> AuthenticateAsync(string text, CancellationToken cancellationToken)
    {
        var jwt = settings.Value.Identity.Jwt ?? throw new TokenException("no authority is configured (Gateway:Identity:Jwt)");
        var authority = KeysOf(jwt);
        if (authority.Fresh is { } fresh && _verified.Find(text, fresh, jwt, time.GetUtcNow()) is { } verified)
        {
            return verified;
        }

        var token = JsonWebToken.Parse(text);
        if (!jwt.Algorithms.Contains(token.Algorithm) || !SignatureAlgorithm.ByName.TryGetValue(token.Algorithm, out var algorithm))
        {
            throw new TokenException("its algorithm is not among Gateway:Identity:Jwt:Algorithms");
        }

        var keys = await authority.GetAsync(token.KeyId, cancellationToken)
            ?? throw new Errors.ProblemException(Errors.ProblemTypes.AuthorityUnreachable, "The authority that signs tokens cannot be asked for its keys.");
        var now = time.GetUtcNow();
        if (!keys.Verify(token, algorithm))
        {
            throw new TokenException(keys.Has(token.KeyId) ? "its signature is wrong" : "its key is none of the authority's");
        }

        var claims = TokenClaims.Read(token.Claims, keys.Issuer, jwt, now);
        var principal = new ClaimsPrincipal(new Caller(CallerKind.Token, claims.Subject, new TokenRights(jwt, claims).In) { Grants = claims.Grants, Expires = claims.Expires });
        _verified.Add(text, keys, jwt, claims.Expires, principal);
        return principal;
    }

    private AuthorityKeys KeysOf(JwtSettings jwt)
    {
        var keys = Volatile.Read(ref _keys);
        if (keys?.Authority == jwt.Authority)
        {
            return keys;
        }

        var fresh = new AuthorityKeys(jwt.Authority, client, time, logger);
        return Interlocked.CompareExchange(ref _keys, fresh, keys) == keys ? fresh : KeysOf(jwt);
    }
}
