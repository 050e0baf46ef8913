using Gateway.Api.Limits;
using Gateway.Api.Management;
using Gateway.Api.Tls;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Api.Hosting;

/// <summary>Kestrel's settings: for big bodies, and for callers who mean no good.</summary>
internal static class KestrelSetup
{
    private const int MiB = 1024 * 1024;

    /// <summary>Largest body of a request that is not an upload; uploads lift it (<c>UploadHandler</c>).</summary>
    private const int MaxSmallBody = 64 * 1024;

    /// <summary>Configures the server. Endpoints, certificates and everything else can still be set under <c>Kestrel</c>.</summary>
    public static void UseGatewayKestrel(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockMemoryPoolFactory>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = MaxSmallBody;

            // The longest path has 4095 bytes, each of which may come as three characters.
            server.Limits.MaxRequestLineSize = 32 * 1024;

            // What the backend may be ahead of the caller. A transfer asks for up to
            // 255 KiB at once, which must fit several times or the two would take turns.
            server.Limits.MaxResponseBufferSize = MiB;

            // Two packets of an upload: one on its way to the server while the other gathers. A MiB was no faster, and 200 uploads
            // then took 340 MiB.
            server.Limits.MaxRequestBufferSize = MiB / 2;
            server.Limits.Http2.InitialStreamWindowSize = MiB;
            server.Limits.Http2.InitialConnectionWindowSize = 2 * MiB;

            server.LimitIdleConnections();
            server.UseServerCertificates();
            server.ListenForOperators();
        });
    }
}
