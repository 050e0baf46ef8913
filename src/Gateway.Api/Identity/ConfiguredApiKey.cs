using System.Security.Claims;
using Gateway.Api.Access;
using Gateway.Api.Configuration;

namespace Gateway.Api.Identity;

/// <summary>One entry of <c>Identity:ApiKeys</c>, ready for use.</summary>
internal sealed class ConfiguredApiKey
{
    /// <param name="name">Its name in the configuration.</param>
    /// <param name="hash">The key.</param>
    /// <param name="expires">Last day on which it is valid, UTC; null for no end.</param>
    /// <param name="rights">What its caller may do.</param>
    public ConfiguredApiKey(string name, ApiKeyHash hash, DateOnly? expires, AccessRights rights)
    {
        (Name, Hash, Expires, Rights) = (name, hash, expires, rights);
        Principal = new ClaimsPrincipal(new Caller(CallerKind.ApiKey, name, RightsIn));
    }

    /// <summary>Its name in the configuration, and the caller's.</summary>
    public string Name { get; }

    /// <summary>The key.</summary>
    public ApiKeyHash Hash { get; }

    /// <summary>Last day on which it is valid, UTC; null for no end.</summary>
    public DateOnly? Expires { get; }

    /// <summary>What its caller may do.</summary>
    public AccessRights Rights { get; }

    /// <summary>Who calls with it: made once, for every request.</summary>
    public ClaimsPrincipal Principal { get; }

    /// <summary>A reload may have taken away the key, or given its id to another: then nothing is left.</summary>
    private AccessRights RightsIn(GatewaySettings settings) =>
        settings.Identity.FindKey(Hash.Id) is { } now && now.Hash.Equals(Hash) ? now.Rights : AccessRights.None;
}
