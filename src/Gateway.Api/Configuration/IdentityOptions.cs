namespace Gateway.Api.Configuration;

/// <summary>The <c>Identity</c> section. Where nothing of it is set nobody is let in.</summary>
internal sealed class IdentityOptions
{
    /// <summary>Whether callers without a credential are let in, with every right. One that is shown must be good all the same.</summary>
    public bool Anonymous { get; set; }

    /// <summary>Keys by name.</summary>
    public Dictionary<string, ApiKeyOptions> ApiKeys { get; set; } = [];

    /// <summary>Bearer tokens.</summary>
    public JwtOptions Jwt { get; set; } = new();
}
