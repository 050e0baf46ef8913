using System.Text.Json;
using Gateway.Api.Configuration;

namespace Gateway.Api.Identity.Tokens;

/// <summary>What a token whose signature is good says (RFC 7519, section 4.1).</summary>
/// <param name="Subject">Who calls.</param>
/// <param name="Grants">Names of grants, of which some may not be configured.</param>
/// <param name="Expires">From when on it is not good any more.</param>
internal sealed record TokenClaims(string Subject, IReadOnlyList<string> Grants, DateTimeOffset Expires)
{
    /// <summary>How far the authority's clock may be off.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private const int MaxSubject = 255;
    private const int MaxGrants = 200;

    /// <summary>Judges the claims.</summary>
    /// <exception cref="TokenException">The token is another issuer's, for somebody else, or not good at this time.</exception>
    public static TokenClaims Read(JsonElement claims, string issuer, JwtSettings settings, DateTimeOffset now)
    {
        if (StrictJson.FindString(claims, "iss") != issuer)
        {
            throw new TokenException("it is another issuer's");
        }

        if (!IsFor(claims, settings.Audience))
        {
            throw new TokenException("it is for another audience");
        }

        var expires = FindTime(claims, "exp") ?? throw new TokenException("it has no end ('exp')");
        if (now - ClockSkew >= expires)
        {
            throw new TokenException("it has expired");
        }

        if (FindTime(claims, "nbf") > now + ClockSkew || FindTime(claims, "iat") > now + ClockSkew)
        {
            throw new TokenException("it is not good yet, or a clock is wrong");
        }

        var subject = StrictJson.FindString(claims, "sub") ?? StrictJson.FindString(claims, "client_id") ?? StrictJson.FindString(claims, "azp");
        return subject is { Length: > 0 and <= MaxSubject }
            ? new TokenClaims(subject, ReadGrants(claims, settings.GrantsClaim), expires)
            : throw new TokenException("it names nobody ('sub')");
    }

    private static bool IsFor(JsonElement claims, string audience)
    {
        if (!claims.TryGetProperty("aud", out var named))
        {
            return false;
        }

        return named.ValueKind == JsonValueKind.Array
            ? named.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && Text(one) == audience)
            : named.ValueKind == JsonValueKind.String && Text(named) == audience;
    }

    /// <summary>A NumericDate: seconds since 1970, possibly with a fraction.</summary>
    private static DateTimeOffset? FindTime(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var time))
        {
            return null;
        }

        // The year 9999; what lies behind is no time.
        return time.ValueKind == JsonValueKind.Number && time.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : throw new TokenException($"'{name}' is no time");
    }

    /// <summary>A string of names with blanks between them, as <c>scope</c>, or an array of strings, as <c>roles</c>.</summary>
    private static List<string> ReadGrants(JsonElement claims, string claim)
    {
        if (!claims.TryGetProperty(claim, out var granted))
        {
            return [];
        }

        var names = granted.ValueKind switch
        {
            JsonValueKind.String => StrictJson.FindString(claims, claim)!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            JsonValueKind.Array when granted.GetArrayLength() <= MaxGrants => granted.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(Text),
            _ => throw new TokenException($"'{claim}' is neither a string nor an array of at most {MaxGrants}"),
        };
        return [.. names.Take(MaxGrants).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static string Text(JsonElement name)
    {
        try
        {
            return name.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new TokenException("a name in it is no Unicode");
        }
    }
}
