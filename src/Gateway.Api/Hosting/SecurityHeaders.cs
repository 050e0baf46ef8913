using System.Collections.Immutable;
using System.Net;
using Gateway.Api.Management;

namespace Gateway.Api.Hosting;

/// <summary>
/// What tells a browser to do less with an answer than it could (OWASP REST security cheat sheet). No answer is without it: also those
/// that Kestrel gives before there is a request.
/// </summary>
internal static class SecurityHeaders
{
    /// <summary>The same for every answer: not guessed at, not framed, never told to the next page, not for pages of other origins.</summary>
    public static readonly ImmutableArray<KeyValuePair<string, string>> Always =
    [
        new("X-Content-Type-Options", "nosniff"),
        new("X-Frame-Options", "DENY"),
        new("Referrer-Policy", "no-referrer"),
        new("Cross-Origin-Resource-Policy", "same-origin"),
        new("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ];

    /// <summary>
    /// A stranger's file, under the same origin as an application: it may be looked at, and nothing in it runs, loads or sends anything.
    /// </summary>
    private const string FilePolicy =
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; frame-ancestors 'none'";

    /// <summary>A page of links: only they work, and what they lead to may be saved.</summary>
    private const string LinkPagePolicy = "sandbox allow-downloads; default-src 'none'; frame-ancestors 'none'";

    /// <summary>
    /// Swagger UI's own scripts and no others. It makes functions of texts that the gateway wrote ('unsafe-eval'), sets styles on elements,
    /// and shows what it fetched as data and blobs.
    /// </summary>
    private const string SwaggerPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'";

    /// <summary>A year, as browsers' own lists demand. Other hosts of the domain are not the gateway's to speak for.</summary>
    private const string StrictTransport = "max-age=31536000";

    private static readonly PathString s_swagger = "/swagger";

    /// <summary>Sets them, before anything else is set.</summary>
    public static void Apply(HttpContext context)
    {
        var headers = context.Response.Headers;
        foreach (var (name, value) in Always)
        {
            headers[name] = value;
        }

        var request = context.Request;
        if (request.Path.StartsWithSegments(s_swagger, StringComparison.OrdinalIgnoreCase))
        {
            // At a port of its own it calls the gateway at another one, which is another origin.
            headers.ContentSecurityPolicy = context.RequestServices.GetRequiredService<ManagementPort>().FindPublicAddress(request) is { } address ? $"{SwaggerPolicy} {address}" : SwaggerPolicy;
        }
        else if (Surfaces.Of(request.Path) == Surface.Public)
        {
            // Kept by nobody but the caller, and never used without asking: the gateway cannot tell anybody that a file changed. Handlers that
            // know better say so.
            headers.CacheControl = "private, no-cache";
        }

        if (request.IsHttps && !IsThisMachine(request.Host.Host))
        {
            headers.StrictTransportSecurity = StrictTransport;
        }
    }

    /// <summary>Those of a file from a backend. Pages of other origins may show it (<c>img</c>): by its URL alone, as no cookie lets anybody in here.</summary>
    public static void ApplyToFile(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = FilePolicy;
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    }

    /// <summary>Those of a folder as a page of links.</summary>
    public static void ApplyToLinkPage(IHeaderDictionary headers) => headers.ContentSecurityPolicy = LinkPagePolicy;

    /// <summary>A browser would take every other port of the developer's machine for HTTPS, too (RFC 6797 section 8.3 leaves out addresses).</summary>
    private static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
