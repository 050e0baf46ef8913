namespace Gateway.Api.Configuration;

/// <summary>Settings outside <c>Gateway</c> that are read once, when the gateway starts: where it listens, and where its telemetry goes.</summary>
internal static class StartSettings
{
    private static readonly string[] s_keys = ["urls", "http_ports", "https_ports"];

    /// <summary>What they are now.</summary>
    public static IReadOnlyDictionary<string, string?> Read(IConfiguration configuration) => configuration.GetChildren()
        .Where(section => s_keys.Contains(section.Key, StringComparer.OrdinalIgnoreCase) || section.Key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(section => section.Key, section => section.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of those that differ.</summary>
    public static IEnumerable<string> Compare(IReadOnlyDictionary<string, string?> before, IReadOnlyDictionary<string, string?> now) => before.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase)
        .Where(key => !string.Equals(before.GetValueOrDefault(key), now.GetValueOrDefault(key), StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
