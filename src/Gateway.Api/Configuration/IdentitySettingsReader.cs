using System.Net;
using Gateway.Api.Access;
using Gateway.Api.Identity;
using Gateway.Api.Identity.Tokens;

namespace Gateway.Api.Configuration;

/// <summary>Judges the sections <c>Identity</c> and <c>Grants</c>, and makes of them what is used.</summary>
/// <param name="options">What is written.</param>
/// <param name="path">The key of the section <c>Gateway</c>.</param>
/// <param name="backends">The names of the backends.</param>
/// <param name="errors">Takes what is wrong.</param>
internal sealed class IdentitySettingsReader(GatewayOptions options, string path, IReadOnlyCollection<string> backends, ConfigurationErrors errors)
{
    /// <summary>Those accepted where none is configured.</summary>
    private static readonly string[] s_defaultAlgorithms = ["RS256", "ES256"];

    /// <summary>The settings; of no use where <c>errors</c> took something.</summary>
    public IdentitySettings Read()
    {
        var grants = ReadGrants();
        return new IdentitySettings { Anonymous = options.Identity.Anonymous, ApiKeys = ReadKeys(grants), Grants = grants, Jwt = ReadJwt() };
    }

    private GrantTable ReadGrants()
    {
        var grants = new Dictionary<string, IReadOnlyList<KeyValuePair<string, AccessRule>>>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, rules) in options.Grants)
        {
            var read = new List<KeyValuePair<string, AccessRule>>();
            for (var i = 0; i < rules.Count; i++)
            {
                if (ReadRule(rules[i], $"{path}:Grants:{name}:{i}") is { } rule)
                {
                    read.Add(rule);
                }
            }

            grants[name] = read;
        }

        return new GrantTable(grants);
    }

    private KeyValuePair<string, AccessRule>? ReadRule(GrantRuleOptions rule, string key)
    {
        var backend = rule.Backend?.ToLowerInvariant() ?? "";
        if (backend.Length == 0)
        {
            errors.Add($"{key}:Backend", "Missing; write the name of a backend, or * for every one.");
        }
        else if (backend != AccessRights.EveryBackend && !backends.Contains(backend, StringComparer.Ordinal))
        {
            var meant = Spelling.Closest(backend, backends) is { } close ? $"; did you mean {close}?" : ".";
            errors.Add($"{key}:Backend", $"There is no backend of that name under Gateway:Backends{meant}");
        }

        if (rule.Allow.Count == 0 && !errors.Has($"{key}:Allow"))
        {
            errors.Add($"{key}:Allow", "Missing; write a list of list, read, write, delete, admin.");
        }

        if (PathPattern.TryParse(rule.Path, out var pattern, out var reason))
        {
            return KeyValuePair.Create(backend, new AccessRule(pattern, rule.Allow));
        }

        errors.Add($"{key}:Path", reason);
        return null;
    }

    private List<ConfiguredApiKey> ReadKeys(GrantTable grants)
    {
        var keys = new List<ConfiguredApiKey>();
        foreach (var (name, written) in options.Identity.ApiKeys)
        {
            var key = $"{path}:Identity:ApiKeys:{name}";
            if (!ApiKeyCommand.IsName(name))
            {
                errors.Add(key, ApiKeyCommand.NameRule);
            }

            RequireGrants(written.Grants, $"{key}:Grants");
            if (ReadHash(written, $"{key}:Hash") is not { } hash)
            {
                continue;
            }

            if (keys.Find(other => string.Equals(other.Hash.Id, hash.Id, StringComparison.Ordinal)) is { } same)
            {
                errors.Add($"{key}:Hash", $"This is the key of {same.Name}, too; make each its own.");
                continue;
            }

            keys.Add(new ConfiguredApiKey(name, hash, written.Expires, grants.RightsOf(written.Grants)));
        }

        return keys;
    }

    private ApiKeyHash? ReadHash(ApiKeyOptions written, string key)
    {
        if (ApiKeyHash.TryParse(written.Hash?.Reveal().Trim() ?? "", out var hash))
        {
            return hash;
        }

        errors.Add(key, (written.Hash is null ? "Missing; write" : "Not a hash of a key; write")
            + " what 'dotnet Gateway.Api.dll keys new NAME' prints: the hash, never the key itself.");
        return null;
    }

    private void RequireGrants(List<string> names, string key)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (!options.Grants.Keys.Contains(names[i], StringComparer.OrdinalIgnoreCase))
            {
                errors.Add($"{key}:{i}", "There is no grant of that name under Gateway:Grants.");
            }
        }
    }

    private JwtSettings? ReadJwt()
    {
        var (jwt, key) = (options.Identity.Jwt, $"{path}:Identity:Jwt");
        for (var i = 0; i < jwt.Algorithms.Count; i++)
        {
            if (!SignatureAlgorithm.ByName.ContainsKey(jwt.Algorithms[i]))
            {
                errors.Add($"{key}:Algorithms:{i}", $"Not accepted; write one of {string.Join(", ", SignatureAlgorithm.ByName.Keys)}.");
            }
        }

        if (jwt.Authority is not { } authority)
        {
            if (!string.IsNullOrEmpty(jwt.Audience) && !errors.Has($"{key}:Authority"))
            {
                errors.Add($"{key}:Authority", "Missing; write the issuer's URL, such as https://login.example.com/realms/files.");
            }

            return null;
        }

        if (!IsSafe(authority))
        {
            errors.Add($"{key}:Authority", "Write an https:// URL without user, query and fragment: whoever can change the keys on their way can forge any token.");
        }

        if (string.IsNullOrEmpty(jwt.Audience))
        {
            errors.Add($"{key}:Audience", "Missing; write the audience that tokens for this gateway name.");
        }

        if (string.IsNullOrWhiteSpace(jwt.GrantsClaim))
        {
            errors.Add($"{key}:GrantsClaim", "Missing; write the claim that holds names of grants, such as roles or scope.");
        }

        var algorithms = jwt.Algorithms.Count > 0 ? jwt.Algorithms : [.. s_defaultAlgorithms];
        return new JwtSettings(authority.OriginalString, jwt.Audience ?? "", jwt.GrantsClaim, algorithms.ToHashSet(StringComparer.Ordinal));
    }

    private static bool IsSafe(Uri authority) =>
        authority is { UserInfo: "", Query: "", Fragment: "" }
        && (authority.Scheme == Uri.UriSchemeHttps || (authority.Scheme == Uri.UriSchemeHttp && IsLoopback(authority)));

    private static bool IsLoopback(Uri authority) =>
        authority.Host == "localhost" || (IPAddress.TryParse(authority.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
