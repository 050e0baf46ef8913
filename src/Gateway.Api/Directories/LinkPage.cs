using System.Text.Encodings.Web;
using System.Text;
using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Hosting;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// A folder as a page of links, each relative to the folder: what a browser shows, and what programs that mirror a web server read
/// (rclone, wget). Folders come first, and end with a slash.
/// </summary>
internal sealed class LinkPage(ListingCache listings, TimeProvider time)
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/html";

    private const int FlushAt = 32 * 1024;

    /// <summary>
    /// Whether the caller asks for one: the path ends with a slash, or the links would lead astray, and HTML is named and liked better than
    /// anything else. Who says nothing, or <c>*/*</c>, does not.
    /// </summary>
    public static bool IsWanted(HttpRequest request) =>
        request.Path.Value is [.., '/'] && ContentNegotiation.Prefers(request, ContentType, "application/octet-stream");

    /// <summary>Answers the request.</summary>
    /// <param name="context">The exchange.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="access">To the folder.</param>
    /// <exception cref="BackendException">It cannot be listed; <see cref="BackendError.NotADirectory"/> where it is no folder.</exception>
    public async Task SendAsync(HttpContext context, ConfiguredBackend backend, PathAccess access)
    {
        var folder = access.Asked;
        var table = await listings.GetAsync(backend, folder, context.RequestAborted);
        var response = context.Response;
        response.ContentType = ContentType + "; charset=utf-8";
        response.Headers.Vary = "Accept";
        SecurityHeaders.ApplyToLinkPage(response.Headers);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        using var sink = new ResponseSink(context, backend.StallTimeout, time);
        var title = HtmlEncoder.Default.Encode(folder.Value);
        Write(sink, $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1><ul>\n");
        if (!folder.IsRoot)
        {
            Write(sink, "<li><a href=\"../\">../</a></li>\n");
        }

        foreach (var isFolder in new[] { true, false })
        {
            for (var row = 0; row < table.Count; row++)
            {
                var entry = table.Entry(row);
                if (entry.Type == RemoteEntryType.Directory == isFolder && access.Shows(folder, entry))
                {
                    Write(sink, Describe(entry));
                    await FlushAsync(context, sink, FlushAt);
                }
            }
        }

        Write(sink, "</ul></body></html>\n");
        await FlushAsync(context, sink, 0);
    }

    /// <summary>A name that no path can hold is shown, and leads nowhere.</summary>
    private static string Describe(in RemoteEntry entry)
    {
        var slash = entry.Type == RemoteEntryType.Directory ? "/" : "";
        var name = HtmlEncoder.Default.Encode(entry.Name) + slash;
        return entry.IsAddressable ? $"<li><a href=\"{Uri.EscapeDataString(entry.Name)}{slash}\">{name}</a></li>\n" : $"<li>{name}</li>\n";
    }

    private static void Write(ResponseSink sink, string text) => Encoding.UTF8.GetBytes(text, sink.Writer);

    private static async ValueTask FlushAsync(HttpContext context, ResponseSink sink, int waiting)
    {
        if (sink.Writer.UnflushedBytes >= waiting && await sink.FlushAsync() != CopyOutcome.Completed)
        {
            context.Abort();
            throw new OperationCanceledException(context.RequestAborted);
        }
    }
}
