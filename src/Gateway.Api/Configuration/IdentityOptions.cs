namespace Gateway.Api.Configuration;

/// <summary>The <c>Identity</c> section. Only its form is checked for now: the gateway behaves as if everybody were let in.</summary>
internal sealed class IdentityOptions
{
    /// <summary>Whether callers need no key.</summary>
    public bool Anonymous { get; set; }

    /// <summary>Keys by name.</summary>
    public Dictionary<string, ApiKeyOptions> ApiKeys { get; set; } = [];

    /// <summary>Bearer tokens.</summary>
    public JwtOptions Jwt { get; set; } = new();
}
