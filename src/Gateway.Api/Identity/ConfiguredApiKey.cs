using System.Security.Claims;
using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Microsoft.AspNetCore.Authentication;

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
        Ticket = new AuthenticationTicket(new ClaimsPrincipal(new Caller(CallerKind.ApiKey, name, RightsIn)), IdentitySchemes.ApiKey);
    }

    /// <summary>Its name in the configuration, and the caller's.</summary>
    public string Name { get; }

    /// <summary>The key.</summary>
    public ApiKeyHash Hash { get; }

    /// <summary>Last day on which it is valid, UTC; null for no end.</summary>
    public DateOnly? Expires { get; }

    /// <summary>What its caller may do.</summary>
    public AccessRights Rights { get; }

    /// <summary>What the scheme answers for it: made once, for every request.</summary>
    public AuthenticationTicket Ticket { get; }

    /// <summary>A reload may have taken away the key, or given its id to another: then nothing is left.</summary>
    private AccessRights RightsIn(GatewaySettings settings) =>
        settings.Identity.FindKey(Hash.Id) is { } now && now.Hash.ToString() == Hash.ToString() ? now.Rights : AccessRights.None;
}
