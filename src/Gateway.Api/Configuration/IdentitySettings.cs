using Gateway.Api.Access;
using Gateway.Api.Identity;

namespace Gateway.Api.Configuration;

/// <summary>The sections <c>Identity</c> and <c>Grants</c> in the form that is used. Immutable.</summary>
internal sealed record IdentitySettings
{
    private readonly IReadOnlyDictionary<string, ConfiguredApiKey> _keysById = new Dictionary<string, ConfiguredApiKey>(StringComparer.Ordinal);

    /// <summary>Whether callers without a credential are let in, with every right.</summary>
    public required bool Anonymous { get; init; }

    /// <summary>API keys.</summary>
    public IReadOnlyCollection<ConfiguredApiKey> ApiKeys
    {
        get => [.. _keysById.Values];
        init => _keysById = value.ToDictionary(key => key.Hash.Id, StringComparer.Ordinal);
    }

    /// <summary>What grants allow, by name.</summary>
    public GrantTable Grants { get; init; } = GrantTable.Empty;

    /// <summary>Whose tokens are accepted; null for nobody's.</summary>
    public JwtSettings? Jwt { get; init; }

    /// <summary>Whether anybody can be let in at all.</summary>
    public bool LetsAnybodyIn => Anonymous || _keysById.Count > 0 || Jwt is not null;

    /// <summary>The key with this id, expired or not; null for none.</summary>
    public ConfiguredApiKey? FindKey(string id) => _keysById.GetValueOrDefault(id);
}
