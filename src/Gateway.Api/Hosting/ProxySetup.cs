using Gateway.Api.Configuration;
using Microsoft.AspNetCore.HttpOverrides;

namespace Gateway.Api.Hosting;

/// <summary>Whose <c>X-Forwarded-*</c> headers are believed: those of <c>Gateway:Proxies:Known</c>, and nobody else's.</summary>
internal static class ProxySetup
{
    /// <summary>Applies the headers of known proxies; without any configured they are ignored.</summary>
    public static void UseKnownProxies(this WebApplication app)
    {
        var known = app.Services.GetRequiredService<CurrentSettings>().Value.KnownProxies;
        if (known.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.All,

            // As many proxies as there are in a row, as long as each is known.
            ForwardLimit = null,
        };

        // The framework's defaults would believe the local machine.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in known)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }
}
