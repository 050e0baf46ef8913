using System.Net.Security;
using Gateway.Api.Management;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Api.Tls;

/// <summary>TLS between callers and the gateway.</summary>
internal static class TlsSetup
{
    public static void AddServerCertificates(this IServiceCollection services)
    {
        services.AddSingleton<ServerCertificates>();
        services.AddHostedService(provider => provider.GetRequiredService<ServerCertificates>());
    }

    /// <summary>Reads the certificates now: one that cannot be used is an error of the configuration, and not of a server that starts.</summary>
    /// <exception cref="Configuration.InvalidConfigurationException">One of them cannot be used, or an address has none.</exception>
    public static void ReadServerCertificates(this WebApplication app) => app.Services.GetRequiredService<ServerCertificates>();

    /// <summary>
    /// Takes Kestrel's configuration as it stands, but for its certificates: those come from <see cref="ServerCertificates"/>, at each handshake.
    /// </summary>
    public static void UseServerCertificates(this KestrelServerOptions server)
    {
        var configuration = server.ApplicationServices.GetRequiredService<IConfiguration>();
        var certificates = server.ApplicationServices.GetRequiredService<ServerCertificates>();
        server.ConfigureHttpsDefaults(https =>
        {
            https.SslProtocols = TlsVersions.Offered;
            https.OnAuthenticate = Serve(certificates.Default);
        });

        // Without the framework's reloading, which closes an endpoint that changed, and with it what is under way there.
        var loader = server.Configure(configuration.GetSection("Kestrel"), reloadOnChange: false);
        foreach (var endpoint in configuration.GetSection(ListenAddresses.EndpointsSection).GetChildren())
        {
            // Certificates that do not come from a file of the endpoint's own, or depend on the name that is asked for, stay Kestrel's.
            if (endpoint.GetSection("Certificate").Exists() || endpoint.GetSection("Sni").Exists())
            {
                var own = endpoint.GetSection("Sni").Exists() ? null : certificates.Of(endpoint.Key);
                loader.Endpoint(endpoint.Key, options => options.HttpsOptions.OnAuthenticate = Serve(own));
            }
        }
    }

    private static Action<ConnectionContext, SslServerAuthenticationOptions>? Serve(CertificateFiles? files) => files is null ? null : (_, options) =>
    {
        options.ServerCertificate = null;
        options.ServerCertificateContext = files.Context;
    };
}
