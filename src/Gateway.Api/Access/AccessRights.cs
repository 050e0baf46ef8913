using Gateway.Api.Configuration;
using Gateway.Broker.Backends;

namespace Gateway.Api.Access;

/// <summary>What somebody may do: rules by backend. What no rule allows is forbidden. Immutable.</summary>
internal sealed class AccessRights
{
    /// <summary>In the place of a backend's name: every backend.</summary>
    public const string EveryBackend = "*";

    private readonly Dictionary<string, AccessRule[]> _byBackend;
    private readonly AccessRule[] _everywhere;

    private AccessRights(IEnumerable<KeyValuePair<string, AccessRule>> rules, bool isUnlimited = false)
    {
        var all = rules.ToLookup(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        _everywhere = [.. all[EveryBackend]];
        _byBackend = all.Where(group => group.Key != EveryBackend).ToDictionary(group => group.Key, group => group.Concat(_everywhere).ToArray(), StringComparer.Ordinal);
        IsUnlimited = isUnlimited;
        IsAdministrator = isUnlimited || all.Any(static group => group.Any(static rule => rule.Has(GrantVerb.Admin)));
    }

    /// <summary>Nothing.</summary>
    public static AccessRights None { get; } = new([]);

    /// <summary>Everything, the operators' surface included.</summary>
    public static AccessRights Unlimited { get; } = new([], isUnlimited: true);

    /// <summary>Whether everything is allowed, without any rule.</summary>
    public bool IsUnlimited { get; }

    /// <summary>Whether the operators' surface is allowed: <c>admin</c> in any rule, whatever its backend and path. That surface shows all backends.</summary>
    public bool IsAdministrator { get; }

    /// <summary>Rights of rules, each with the name of its backend or <see cref="EveryBackend"/>.</summary>
    public static AccessRights Of(IEnumerable<KeyValuePair<string, AccessRule>> rules) => new(rules);

    /// <summary>Whether anything at all is allowed on the backend.</summary>
    public bool Sees(string backend) => IsUnlimited || Array.Exists(Rules(backend), static rule => rule.Has(null));

    /// <summary>Whether anything is allowed on <paramref name="path"/> or below it: its existence is no secret.</summary>
    public bool Sees(string backend, RemotePath path)
    {
        if (IsUnlimited)
        {
            return true;
        }

        foreach (var rule in Rules(backend))
        {
            if (rule.Covers(path, null) || rule.LeadsFrom(path, null))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether <paramref name="verb"/> is allowed on everything of the backend.</summary>
    public bool AllowsAll(string backend, GrantVerb verb)
    {
        if (IsUnlimited)
        {
            return true;
        }

        foreach (var rule in Rules(backend))
        {
            if (rule.CoversAll(verb))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one rule allows <paramref name="verb"/> on everything below <paramref name="path"/>. False tells nothing: several may, together.</summary>
    public bool AllowsTree(string backend, RemotePath path, GrantVerb verb)
    {
        if (IsUnlimited)
        {
            return true;
        }

        foreach (var rule in Rules(backend))
        {
            if (rule.CoversTree(path, verb))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether <paramref name="verb"/> is allowed on <paramref name="path"/>. A folder on the way to something that may be listed may be
    /// listed, too, and shows only that way.
    /// </summary>
    public bool Allows(string backend, RemotePath path, GrantVerb verb) =>
        Covers(backend, path, verb) || (verb == GrantVerb.List && AllowsWithin(backend, path, verb));

    /// <summary>Whether a rule allows <paramref name="verb"/> on <paramref name="path"/> itself.</summary>
    public bool Covers(string backend, RemotePath path, GrantVerb verb)
    {
        if (IsUnlimited)
        {
            return true;
        }

        foreach (var rule in Rules(backend))
        {
            if (rule.Covers(path, verb))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether <paramref name="verb"/> is allowed on something in or below <paramref name="folder"/>.</summary>
    public bool AllowsWithin(string backend, RemotePath folder, GrantVerb verb)
    {
        if (IsUnlimited)
        {
            return true;
        }

        foreach (var rule in Rules(backend))
        {
            if (rule.LeadsFrom(folder, verb))
            {
                return true;
            }
        }

        return false;
    }

    private AccessRule[] Rules(string backend) => _byBackend.GetValueOrDefault(backend, _everywhere);
}
