namespace Gateway.Api.Access;

/// <summary>The section <c>Grants</c>: rules by the name that API keys and tokens give them. Names of configuration know no case.</summary>
internal sealed class GrantTable
{
    private readonly Dictionary<string, IReadOnlyList<KeyValuePair<string, AccessRule>>> _rules;

    /// <param name="rules">Rules, each with the name of its backend or <see cref="AccessRights.EveryBackend"/>, by the name of the grant.</param>
    public GrantTable(IEnumerable<KeyValuePair<string, IReadOnlyList<KeyValuePair<string, AccessRule>>>> rules) =>
        _rules = rules.ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>No grants.</summary>
    public static GrantTable Empty { get; } = new([]);

    /// <summary>The rights of whoever has these grants; a name that is not in the table gives none.</summary>
    public AccessRights RightsOf(IEnumerable<string> grants) => AccessRights.Of(
        grants.Distinct(StringComparer.OrdinalIgnoreCase).SelectMany(grant => _rules.GetValueOrDefault(grant) ?? []));
}
