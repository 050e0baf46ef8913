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
        var (backend, path) = BackendRequest.Read(context, settings);
        context.Response.Headers.Vary = HeaderNames.Accept;
        return ContentNegotiation.Choose(context.Request, PageListing.ContentType, LineListing.ContentType, ZipListing.ContentType) switch
        {
            LineListing.ContentType => lines.SendAsync(context, backend, path),
            ZipListing.ContentType => archives.SendAsync(context, backend, path),
            _ => pages.SendAsync(context, backend, path),
        };
    }
}
