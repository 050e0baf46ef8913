using System.Buffers;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Configuration;

/// <summary>Judges the part of a backend's section that all protocols share.</summary>
internal static class BackendOptionsValidator
{
    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>Whether <paramref name="name"/> can be a backend's name.</summary>
    public static bool IsName(string name) =>
        name.Length is >= 1 and <= 63 && name[0] != '-' && !name.AsSpan().ContainsAnyExcept(s_nameCharacters);

    /// <summary>Reports everything that is wrong.</summary>
    /// <returns>The password, from wherever it is; null where there is none.</returns>
    public static Secret? Validate(BackendOptions options, string path, ConfigurationErrors errors)
    {
        Require(options.Host, $"{path}:Host", "the name or address of the server", errors);
        Require(options.Username, $"{path}:Username", "the account's name", errors);
        RequireRange(options.Port, 1, 65535, $"{path}:Port", errors);
        if (!string.IsNullOrEmpty(options.Root))
        {
            ValidateRoot(options.Root, $"{path}:Root", errors);
        }

        ValidatePool(options.Pool, $"{path}:Pool", errors);
        RequireTime(options.Transfers.OperationTimeout, $"{path}:Transfers:OperationTimeout", errors);
        RequireTime(options.Transfers.StallTimeout, $"{path}:Transfers:StallTimeout", errors);
        RequireRange(options.Transfers.ConnectionsPerTransfer, 1, 64, $"{path}:Transfers:ConnectionsPerTransfer", errors);
        if (options.Transfers.MaxUploadBytes < 0)
        {
            errors.Add($"{path}:Transfers:MaxUploadBytes", "Write a number of bytes of at least 0, or null for no limit.");
        }

        if (options.Listing.CacheDuration < TimeSpan.Zero || options.Listing.CacheDuration > s_longest)
        {
            errors.Add($"{path}:Listing:CacheDuration", "Write a time of 00:00:00 (never cached) to 1.00:00:00.");
        }

        return ReadPassword(options, path, errors);
    }

    private static void Require(string? text, string key, string what, ConfigurationErrors errors)
    {
        if (errors.Has(key))
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            errors.Add(key, $"Missing; write {what}.");
        }
        else if (text.Any(char.IsControl))
        {
            errors.Add(key, "It has a control character; remove it.");
        }
    }

    private static void ValidateRoot(string root, string key, ConfigurationErrors errors)
    {
        if (!root.StartsWith('/'))
        {
            errors.Add(key, "Write an absolute path on the server, such as /inbox, or leave it out for the login folder.");
        }
        else if (!RemotePath.TryParse(root, out _, out var reason))
        {
            errors.Add(key, reason);
        }
    }

    private static void ValidatePool(PoolOptions pool, string path, ConfigurationErrors errors)
    {
        RequireRange(pool.MinConnections, 0, 1000, $"{path}:MinConnections", errors);
        RequireRange(pool.MaxConnections, 1, 1000, $"{path}:MaxConnections", errors);
        RequireRange(pool.LeasesPerConnection, 1, 1024, $"{path}:LeasesPerConnection", errors);
        RequireRange(pool.MaxWaiting, 0, 1_000_000, $"{path}:MaxWaiting", errors);
        RequireRange(pool.MaxConcurrentHandshakes, 1, 100, $"{path}:MaxConcurrentHandshakes", errors);
        RequireTime(pool.AcquireTimeout, $"{path}:AcquireTimeout", errors);
        RequireTime(pool.IdleTimeout, $"{path}:IdleTimeout", errors);
        RequireTime(pool.MaxLifetime, $"{path}:MaxLifetime", errors, TimeSpan.FromDays(30));
        RequireTime(pool.ProbeInterval, $"{path}:ProbeInterval", errors);
        RequireTime(pool.ConnectTimeout, $"{path}:ConnectTimeout", errors);
        if (pool.MinConnections > pool.MaxConnections)
        {
            errors.Add($"{path}:MinConnections", $"It is {pool.MinConnections}, more than MaxConnections ({pool.MaxConnections}); lower one or raise the other.");
        }
    }

    private static Secret? ReadPassword(BackendOptions options, string path, ConfigurationErrors errors)
    {
        if (string.IsNullOrEmpty(options.PasswordFile))
        {
            return string.IsNullOrEmpty(options.Password?.Reveal()) ? null : options.Password;
        }

        if (options.Password is not null)
        {
            errors.Add($"{path}:PasswordFile", "Password is set too; keep one of them.");
            return null;
        }

        if (SecretFile.TryRead(options.PasswordFile, out var text) is { } reason)
        {
            errors.Add($"{path}:PasswordFile", reason + " Write the path of a file that holds the password alone.");
            return null;
        }

        return new Secret(text);
    }

    private static void RequireRange(int? value, int least, int most, string key, ConfigurationErrors errors)
    {
        if (value < least || value > most)
        {
            errors.Add(key, $"It is {value}; write a number from {least} to {most}.");
        }
    }

    private static void RequireTime(TimeSpan value, string key, ConfigurationErrors errors, TimeSpan? most = null)
    {
        var limit = most ?? s_longest;
        if (value <= TimeSpan.Zero || value > limit)
        {
            errors.Add(key, $"It is {value:c}; write a time above 00:00:00, of at most {limit:c}.");
        }
    }
}
