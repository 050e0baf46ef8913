using Gateway.Api.Configuration;
using Gateway.Broker.Backends;

namespace Gateway.Api.Access;

/// <summary>One rule: what is allowed where.</summary>
internal sealed class AccessRule
{
    private readonly PathPattern _pattern;
    private readonly int _verbs;

    /// <summary>A rule about all that a pattern covers.</summary>
    public AccessRule(PathPattern pattern, IEnumerable<GrantVerb> verbs)
    {
        _pattern = pattern;
        _verbs = verbs.Aggregate(0, static (bits, verb) => bits | Bit(verb));
    }

    /// <summary>Whether the verb is allowed on everything.</summary>
    public bool CoversAll(GrantVerb verb) => _pattern.CoversAll && (_verbs & Bit(verb)) != 0;

    /// <summary>Whether the verb is allowed on <paramref name="path"/>; null for any verb.</summary>
    public bool Covers(RemotePath path, GrantVerb? verb) => Has(verb) && _pattern.Covers(path);

    /// <summary>Whether the verb is allowed on everything below <paramref name="path"/>.</summary>
    public bool CoversTree(RemotePath path, GrantVerb verb) => Has(verb) && _pattern.CoversTree(path);

    /// <summary>Whether the verb is allowed on something below <paramref name="path"/>; null for any verb.</summary>
    public bool LeadsFrom(RemotePath path, GrantVerb? verb) => Has(verb) && _pattern.LeadsFrom(path);

    /// <summary>Whether the rule allows the verb anywhere.</summary>
    public bool Has(GrantVerb? verb) => verb is { } one ? (_verbs & Bit(one)) != 0 : _verbs != 0;

    private static int Bit(GrantVerb verb) => 1 << (int)verb;
}
