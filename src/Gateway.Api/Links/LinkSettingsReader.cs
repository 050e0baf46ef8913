using Gateway.Api.Configuration;

namespace Gateway.Api.Links;

/// <summary>Reads and judges the section <c>Links</c>, with the keys in its files.</summary>
internal static class LinkSettingsReader
{
    /// <summary>Longest life that can be allowed: a link for good is a hole for good.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(366);

    /// <summary>Reads the section.</summary>
    /// <returns>Null where no key is named, or one is wrong.</returns>
    public static LinkSettings? Read(Configuration.LinkOptions options, string path, ConfigurationErrors errors)
    {
        if (options.MaxLifetime < TimeSpan.FromSeconds(1) || options.MaxLifetime > s_longest)
        {
            errors.Add($"{path}:MaxLifetime", $"Write a time of 00:00:01 to {s_longest:c}, such as 7.00:00:00.");
        }

        if (string.IsNullOrEmpty(options.KeyFile))
        {
            if (!string.IsNullOrEmpty(options.PreviousKeyFile))
            {
                errors.Add($"{path}:KeyFile", "Missing, and there is a PreviousKeyFile: name the file of the key that signs now.");
            }

            return null;
        }

        var key = ReadKey(options.KeyFile, $"{path}:KeyFile", errors);
        var previous = string.IsNullOrEmpty(options.PreviousKeyFile) ? null : ReadKey(options.PreviousKeyFile, $"{path}:PreviousKeyFile", errors);
        return key is null ? null : new LinkSettings(key, previous, options.MaxLifetime);
    }

    private static LinkKey? ReadKey(string file, string path, ConfigurationErrors errors)
    {
        if (SecretFile.TryRead(file, out var text) is { } reason)
        {
            errors.Add(path, reason + " Write the path of a file with a key: 'openssl rand -base64 32' makes one.");
            return null;
        }

        if (LinkKey.TryParse(text, out var key, out var fault))
        {
            return key;
        }

        errors.Add(path, fault);
        return null;
    }
}
