using Gateway.Api.Errors;
using Gateway.Api.Management;

namespace Gateway.Api.Tls;

/// <summary>
/// Where the gateway itself listens for HTTPS, plain HTTP gets no further than probes. Nobody is redirected: a client would send its key
/// in the clear each time, and never notice.
/// </summary>
internal sealed class HttpsOnlyMiddleware(RequestDelegate next, IConfiguration configuration)
{
    private readonly bool _isHttpsOffered = ListenAddresses.ReadPublic(configuration).Any(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase));

    public Task InvokeAsync(HttpContext context) =>
        _isHttpsOffered && !context.Request.IsHttps && Surfaces.Of(context.Request.Path) == Surface.Public
            ? throw new ProblemException(
                ProblemTypes.InvalidRequest, "This gateway is called with https:// only. A key or token that came with this request was readable on its way: replace it.")
            : next(context);
}
