using System.Net;
using Gateway.Api.Configuration;

namespace Gateway.Api.Management;

/// <summary>Where the gateway listens: as everywhere in ASP.NET Core, and at the management port beside it.</summary>
internal static class ListenAddresses
{
    /// <summary>The section that replaces <c>ASPNETCORE_URLS</c> and its like where it is there.</summary>
    public const string EndpointsSection = "Kestrel:Endpoints";

    /// <summary>An endpoint of that name is the operators', with an address and a certificate of its own.</summary>
    public const string ManagementEndpoint = "Management";

    private const string Default = "http://localhost:5000";

    /// <summary>The public addresses, as they are written.</summary>
    public static IReadOnlyList<string> ReadPublic(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection(EndpointsSection).GetChildren().ToList();
        if (endpoints.Count > 0)
        {
            return [.. endpoints.Where(endpoint => !IsManagement(endpoint)).Select(endpoint => endpoint["Url"]).OfType<string>()];
        }

        // The framework's order: addresses first, then ports, then its default.
        var urls = Split(configuration["urls"]);
        if (urls.Count == 0)
        {
            urls = [.. Split(configuration["http_ports"]).Select(port => "http://*:" + port), .. Split(configuration["https_ports"]).Select(port => "https://*:" + port)];
        }

        return urls.Count == 0 ? [Default] : urls;
    }

    /// <summary>Where operators are listened for: on the same interfaces as callers. Plain HTTP: no caller's key ever comes there.</summary>
    /// <param name="configuration">All configuration.</param>
    /// <param name="port">The management port.</param>
    /// <returns>Addresses; none where an endpoint of <see cref="EndpointsSection"/> has it already.</returns>
    /// <exception cref="InvalidConfigurationException">Callers are listened for at that port, too.</exception>
    public static IReadOnlyList<string> ForManagement(IConfiguration configuration, int port)
    {
        var addresses = ReadPublic(configuration).Select(TryParse).OfType<BindingAddress>().ToList();
        if (addresses.Find(address => !address.IsUnixPipe && address.Port == port) is { } taken)
        {
            throw Invalid("Gateway:Management:Port", $"It is {port}, where callers are listened for, too ({taken}); write another port.");
        }

        if (configuration.GetSection($"{EndpointsSection}:{ManagementEndpoint}") is var own && own.Exists())
        {
            return TryParse(own["Url"] ?? "")?.Port == port
                ? []
                : throw Invalid($"{own.Path}:Url", $"Its port is not Gateway:Management:Port; write an address with port {port}.");
        }

        // One address that takes in every interface takes in the others, too.
        var hosts = addresses.Select(HostOf).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return [.. (hosts.Contains("*") ? ["*"] : hosts).Select(host => $"http://{host}:{port}")];
    }

    /// <summary>Reads an address; null where it is none, which is Kestrel's to tell.</summary>
    public static BindingAddress? TryParse(string url)
    {
        try
        {
            return BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool IsManagement(IConfigurationSection endpoint) => string.Equals(endpoint.Key, ManagementEndpoint, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whom a Unix socket reaches is on this machine. Any other name than localhost means every interface to Kestrel.</summary>
    private static string HostOf(BindingAddress address)
    {
        if (address.IsUnixPipe || string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return "localhost";
        }

        return IPAddress.TryParse(address.Host, out var ip) && !ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any) ? address.Host : "*";
    }

    private static List<string> Split(string? list) =>
        [.. (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static InvalidConfigurationException Invalid(string key, string message) => new([new ConfigurationError(key, message)]);
}
