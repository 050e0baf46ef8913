namespace Gateway.Api.Configuration;

/// <summary>The <c>Identity:Jwt</c> section.</summary>
internal sealed class JwtOptions
{
    /// <summary>The OpenID Connect authority; null where tokens are not accepted.</summary>
    public Uri? Authority { get; set; }

    /// <summary>The audience that a token must name.</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that holds names of grants.</summary>
    public string GrantsClaim { get; set; } = "roles";

    /// <summary>Signature algorithms accepted; empty for the defaults.</summary>
    public List<string> Algorithms { get; set; } = [];
}
