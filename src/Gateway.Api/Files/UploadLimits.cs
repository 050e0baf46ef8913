using Gateway.Api.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Api.Files;

/// <summary>Kestrel's limits for bodies, which are made for small ones.</summary>
internal static class UploadLimits
{
    /// <summary>
    /// Lifts the size, for which each backend has its own limit, and the rate, which also strikes when the backend is slow: the stall
    /// timeout tells the two apart. A body that is refused and not read is still drained for a few seconds at most.
    /// </summary>
    public static void Lift(HttpContext context)
    {
        if (context.FindFeature<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.FindFeature<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
