using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Api.Limits;

/// <summary>Limits, put together.</summary>
internal static class LimitsSetup
{
    /// <summary>How long a head may take to arrive. Heads are small: who needs longer, needs it on purpose.</summary>
    private static readonly TimeSpan s_headTimeout = TimeSpan.FromSeconds(15);

    public static void AddLimits(this IServiceCollection services)
    {
        services.AddSingleton<RequestLimit>();
        services.AddSingleton<TransferLimits>();
        services.AddSingleton<IdleConnections>();
    }

    /// <summary>Connections that do nothing, or that pretend to begin.</summary>
    public static void LimitIdleConnections(this KestrelServerOptions server)
    {
        server.Limits.RequestHeadersTimeout = s_headTimeout;
        var connections = server.ApplicationServices.GetRequiredService<IdleConnections>();
        server.ConfigureEndpointDefaults(listen => listen.Use(next => connection => connections.RunAsync(connection, next)));
    }
}
