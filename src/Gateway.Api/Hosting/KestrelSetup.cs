using Gateway.Api.Limits;
using Gateway.Api.Management;
using Gateway.Api.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Gateway.Api.Hosting;

/// <summary>Kestrel's settings: for big bodies, and for callers who mean no good.</summary>
internal static class KestrelSetup
{
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;

    /// <summary>Largest body of a request that is not an upload; uploads lift it (<c>UploadHandler</c>).</summary>
    private const int MaxSmallBody = 64 * KiB;

    /// <summary>Configures the server. Endpoints, certificates and everything else can still be set under <c>Kestrel</c>.</summary>
    public static void UseGatewayKestrel(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockMemoryPoolFactory>();
        builder.WebHost.UseKestrelHttpsConfiguration();

        // Most of two packets of an upload: one on its way to the server while the other gathers. A MiB, the transport's own measure, was no
        // faster, and 200 uploads then took 350 MiB. (Of what a response may have ahead of its caller, 64 KiB are enough there: downloads of
        // a GiB were no faster with a MiB, and a thousand slow callers would hold as many.)
        //
        // What is flushed is sent by the thread that flushes it, and what is received goes on to its reader there: no change of threads for
        // every chunk, and no wait for a flush, whose task was all that a large download still allocated. Unsafe where a handler blocks; none
        // here does. (What the kernel tells of sockets still comes on the thread pool, so that one connection never waits for another.)
        builder.Services.Configure<SocketTransportOptions>(static sockets =>
        {
            sockets.MaxReadBufferSize = 448 * KiB;
            sockets.UnsafePreferInlineScheduling = true;
        });
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = MaxSmallBody;

            // The longest path has 4095 bytes, each of which may come as three characters.
            server.Limits.MaxRequestLineSize = 32 * KiB;

            // The same behind TLS and in HTTP/2, where the bytes go through one pipe more. (Kestrel's limits do not reach the transport.) What
            // the backend sends, up to 255 KiB at once, must fit several times or the two would take turns.
            server.Limits.MaxResponseBufferSize = MiB;
            server.Limits.MaxRequestBufferSize = MiB / 2;
            server.Limits.Http2.InitialStreamWindowSize = MiB;
            server.Limits.Http2.InitialConnectionWindowSize = 2 * MiB;

            server.LimitIdleConnections();
            server.UseServerCertificates();
            server.ListenForOperators();
        });
    }
}
