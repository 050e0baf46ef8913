using System.Security.Authentication;
using Gateway.Api.Configuration;
using Gateway.Api.Management;

namespace Gateway.Api.Tls;

/// <summary>The versions of TLS that callers are offered: 1.2 and 1.3 (RFC 8996 withdrew the others).</summary>
internal static class TlsVersions
{
    /// <summary>All that are offered.</summary>
    public const SslProtocols Offered = SslProtocols.Tls12 | SslProtocols.Tls13;

    private const string Key = "SslProtocols";

    /// <summary>Reports every configured version that is not offered.</summary>
    public static void Validate(IConfiguration configuration, ConfigurationErrors errors)
    {
        var endpoints = configuration.GetSection(ListenAddresses.EndpointsSection).GetChildren().ToList();
        var lists = endpoints.SelectMany(endpoint => endpoint.GetSection("Sni").GetChildren()).Concat(endpoints)
            .Append(configuration.GetSection("Kestrel:EndpointDefaults"))
            .Select(section => section.GetSection(Key));
        foreach (var version in lists.SelectMany(list => list.GetChildren()))
        {
            if (!Enum.TryParse<SslProtocols>(version.Value, ignoreCase: true, out var protocol) || protocol is SslProtocols.None || (protocol | Offered) != Offered)
            {
                errors.Add(version.Path, "Not offered; write Tls12 or Tls13.");
            }
        }
    }
}
