using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Directories;

/// <summary><c>GET</c> of a folder: sorted JSON, or NDJSON straight from the server.</summary>
internal sealed partial class ListHandler(
    CurrentSettings settings, ConnectionBroker broker, ListingCache listings, TimeProvider time, ILogger<ListHandler> logger)
{
    /// <summary>The media type of one entry a line.</summary>
    public const string LinesContentType = "application/x-ndjson";

    public Task HandleAsync(HttpContext context)
    {
        var (backend, path) = BackendRequest.Read(context, settings);
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.Vary = HeaderNames.Accept;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return ContentNegotiation.Choose(context.Request, "application/json", LinesContentType) == LinesContentType
            ? StreamAsync(context, backend, path)
            : SendPageAsync(context, backend, path);
    }

    private async Task SendPageAsync(HttpContext context, ConfiguredBackend backend, RemotePath path)
    {
        var query = ListingQuery.Read(context.Request);
        var page = ListingPage.Of(await listings.GetAsync(backend, path, context.RequestAborted), query);

        context.Response.ContentType = JsonResponse.ContentType;
        if (page.Next is { } next)
        {
            context.Response.Headers.Link = NextLink(context.Request, backend, path, next);
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        using var writer = new ListingWriter(context, backend.Name, path, time.GetUtcNow());
        await writer.WritePageAsync(page);
    }

    private static string NextLink(HttpRequest request, ConfiguredBackend backend, RemotePath path, string next)
    {
        var query = QueryString.Create(request.Query.Where(pair => pair.Key != "after")).Add("after", next);
        return $"<{ResourceUrl.Of(request, backend.Name, "directories", path)}{query.ToUriComponent()}>; rel=\"next\"";
    }

    private async Task StreamAsync(HttpContext context, ConfiguredBackend backend, RemotePath path)
    {
        var query = ListingQuery.Read(context.Request);
        if (query is not { Sort: ListingSort.Name, IsDescending: false, After: null })
        {
            throw QueryReader.Invalid("NDJSON comes in the server's order: sort, order and after are for JSON.");
        }

        await using var opened = await broker.OpenAsync(
            backend.Name, (connection, token) => ListingStream.OpenAsync(connection, path, token), context.RequestAborted);
        context.Response.ContentType = LinesContentType;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        using var writer = new ListingWriter(context, backend.Name, path, time.GetUtcNow());
        try
        {
            await CopyAsync(opened.Value, writer, query);
        }
        catch (BackendException exception) when (context.Response.HasStarted)
        {
            // The status is gone; a line can still say it. The end is clean so that the line arrives.
            var problem = Problem.From(exception);
            LogCutShort(LoggedText.Of(context), problem.Type.Name, LoggedText.Of(problem.Detail), TraceId.Of(context));
            await writer.WriteLastLineAsync(json => ProblemWriter.Format(json, context, problem));
        }
    }

    private static async ValueTask CopyAsync(ListingStream entries, ListingWriter writer, ListingQuery query)
    {
        var left = query.Limit ?? int.MaxValue;
        while (left > 0)
        {
            var next = entries.MoveNextAsync();
            if (!next.IsCompleted && writer.HasUnflushed)
            {
                // The server is slower than the caller: what there is goes out now.
                await writer.FlushAsync();
            }

            if (!await next)
            {
                break;
            }

            if (query.Match?.IsMatch(entries.Current.Name) != false)
            {
                await writer.WriteLineAsync(entries.Current);
                left--;
            }
        }

        await writer.FlushAsync();
    }

    [LoggerMessage(1320, LogLevel.Warning, "GET {Target}: the listing ended early with {Problem}: {Detail} [{TraceId}]")]
    private partial void LogCutShort(string target, string problem, string detail, string traceId);
}
