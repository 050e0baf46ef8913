namespace Gateway.Api.Configuration;

/// <summary>Settings that are read once, when the gateway starts: where it listens, and where its telemetry goes.</summary>
internal static class StartSettings
{
    private static readonly string[] s_keys = ["urls", "http_ports", "https_ports"];

    /// <summary>Below sections of which other keys can change.</summary>
    private static readonly string[] s_sections = ["Kestrel:Endpoints", "Gateway:Management"];

    /// <summary>What they are now.</summary>
    public static IReadOnlyDictionary<string, string?> Read(IConfiguration configuration) => configuration.GetChildren()
        .Where(section => s_keys.Contains(section.Key, StringComparer.OrdinalIgnoreCase) || section.Key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase))
        .Select(section => KeyValuePair.Create(section.Key, section.Value))
        .Concat(s_sections.SelectMany(section => configuration.GetSection(section).AsEnumerable()).Where(pair => pair.Value is not null && !IsCertificate(pair.Key)))
        .ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of those that differ.</summary>
    public static IEnumerable<string> Compare(IReadOnlyDictionary<string, string?> before, IReadOnlyDictionary<string, string?> now) => before.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase)
        .Where(key => !string.Equals(before.GetValueOrDefault(key), now.GetValueOrDefault(key), StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    /// <summary>Certificates are read again and again (<see cref="Tls.ServerCertificates"/>).</summary>
    private static bool IsCertificate(string key) => key.Contains(":Certificate:", StringComparison.OrdinalIgnoreCase);
}
