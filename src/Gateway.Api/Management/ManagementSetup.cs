using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Api.Management;

/// <summary>The operators' surface, put together.</summary>
internal static class ManagementSetup
{
    public static void AddManagement(this IServiceCollection services) => services.AddSingleton<ManagementPort>();

    /// <summary>Has Kestrel listen at the management port, too, where there is one.</summary>
    /// <exception cref="Configuration.InvalidConfigurationException">Callers are listened for at that port, too.</exception>
    public static void ListenForOperators(this WebApplication app)
    {
        if (app.Services.GetRequiredService<ManagementPort>().Number is not { } port)
        {
            return;
        }

        var management = ListenAddresses.ForManagement(app.Configuration, port);
        if (!app.Configuration.GetSection(ListenAddresses.EndpointsSection).Exists())
        {
            // Addresses that stand here replace those of the configuration; callers' come first.
            foreach (var address in ListenAddresses.ReadPublic(app.Configuration).Concat(management))
            {
                app.Urls.Add(address);
            }
        }
    }

    /// <summary>The same where endpoints are configured: they hide every address, and are joined by what is listened for in code.</summary>
    public static void ListenForOperators(this KestrelServerOptions server)
    {
        var configuration = server.ApplicationServices.GetRequiredService<IConfiguration>();
        if (server.ApplicationServices.GetRequiredService<ManagementPort>().Number is not { } port
            || !configuration.GetSection(ListenAddresses.EndpointsSection).Exists())
        {
            return;
        }

        foreach (var address in ListenAddresses.ForManagement(configuration, port).Select(BindingAddress.Parse))
        {
            switch (address.Host)
            {
                case "*":
                    server.ListenAnyIP(port);
                    break;
                case "localhost":
                    server.ListenLocalhost(port);
                    break;
                default:
                    server.Listen(IPAddress.Parse(address.Host), port);
                    break;
            }
        }
    }
}
