using Gateway.Api.Access;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Directories.Zip;
using Gateway.Api.Hosting;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Directories;

/// <summary><c>GET</c> of a folder, in the form that the caller likes best.</summary>
internal sealed class ListHandler(CurrentSettings settings, PageListing pages, LineListing lines, ZipListing archives)
{
    public Task HandleAsync(HttpContext context)
    {
        var (backend, _) = BackendRequest.Read(context, settings);
        var access = CallerAccess.Of(context).Target;
        context.Response.Headers.Vary = HeaderNames.Accept;
        return Choose(context.Request) switch
        {
            LineListing.ContentType => lines.SendAsync(context, backend, access),
            ZipListing.ContentType => archives.SendAsync(context, backend, access),
            _ => pages.SendAsync(context, backend, access),
        };
    }

    /// <summary>Whether the answer takes as long as the folder is large: it is sent while the server is read.</summary>
    public static bool Streams(HttpRequest request) => Choose(request) != PageListing.ContentType;

    private static string Choose(HttpRequest request) =>
        ContentNegotiation.Choose(request, PageListing.ContentType, LineListing.ContentType, ZipListing.ContentType);
}
