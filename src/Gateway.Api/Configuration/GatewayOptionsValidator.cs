using System.Net;

namespace Gateway.Api.Configuration;

/// <summary>Judges everything under <c>Gateway</c> but the backends, <c>Identity</c> and <c>Grants</c>.</summary>
internal static class GatewayOptionsValidator
{
    private const int MaxRequestsPerMinute = 1_000_000;
    private const int MaxCount = 1_000_000;

    /// <summary>Reports everything that is wrong.</summary>
    public static void Validate(GatewayOptions options, string path, ConfigurationErrors errors)
    {
        ValidateLimits(options.Limits, $"{path}:Limits", errors);
        ValidateOrigins(options.Cors.Origins, $"{path}:Cors:Origins", errors);

        for (var i = 0; i < options.Proxies.Known.Count; i++)
        {
            if (ParseNetwork(options.Proxies.Known[i]) is null)
            {
                errors.Add($"{path}:Proxies:Known:{i}", "Not an address or network; write 10.0.0.7 or 10.0.0.0/8.");
            }
        }

        if (options.Management.Port is < 1 or > 65535)
        {
            errors.Add($"{path}:Management:Port", $"It is {options.Management.Port}; write a number from 1 to 65535.");
        }

        if (options.ShutdownTimeout < TimeSpan.Zero || options.ShutdownTimeout > TimeSpan.FromDays(1))
        {
            errors.Add($"{path}:ShutdownTimeout", "Write a time of 00:00:00 to 1.00:00:00, such as 00:05:00.");
        }
    }

    /// <summary>Reads an address or a network; null where it is neither.</summary>
    public static IPNetwork? ParseNetwork(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        return IPAddress.TryParse(text, out var address)
            ? new IPNetwork(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)
            : null;
    }

    private static void ValidateLimits(LimitOptions limits, string path, ConfigurationErrors errors)
    {
        RequirePositive(limits.RequestsPerMinute, $"{path}:RequestsPerMinute", errors);
        RequirePositive(limits.ConcurrentTransfers, $"{path}:ConcurrentTransfers", errors);
        RequirePositive(limits.BytesPerSecond, $"{path}:BytesPerSecond", errors);
        if (limits.RequestsPerMinute > MaxRequestsPerMinute)
        {
            errors.Add($"{path}:RequestsPerMinute", $"It is {limits.RequestsPerMinute}; write a number up to {MaxRequestsPerMinute}, or null for no limit.");
        }

        RequireCount(limits.MaxTransfers, $"{path}:MaxTransfers", errors);
        RequireCount(limits.MaxIdleConnections, $"{path}:MaxIdleConnections", errors);
    }

    private static void RequireCount(int value, string key, ConfigurationErrors errors)
    {
        if (value is < 1 or > MaxCount)
        {
            errors.Add(key, $"It is {value}; write a number from 1 to {MaxCount}.");
        }
    }

    private static void RequirePositive(long? value, string key, ConfigurationErrors errors)
    {
        if (value <= 0)
        {
            errors.Add(key, $"It is {value}; write a number above 0, or null for no limit.");
        }
    }

    private static void ValidateOrigins(List<string> origins, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < origins.Count; i++)
        {
            var isOrigin = origins[i] is "*"
                || (Uri.TryCreate(origins[i], UriKind.Absolute, out var uri)
                    && uri.Scheme is "http" or "https"
                    && string.Equals(uri.GetLeftPart(UriPartial.Authority), origins[i], StringComparison.OrdinalIgnoreCase));
            if (!isOrigin)
            {
                errors.Add($"{path}:{i}", "Not an origin; write scheme, host and port without a path, such as https://app.example.com, or *.");
            }
        }
    }
}
