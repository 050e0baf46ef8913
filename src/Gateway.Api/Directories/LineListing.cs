using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Directories;

/// <summary>A folder, or a tree, as NDJSON: an entry a line, straight from the server, in constant memory.</summary>
internal sealed partial class LineListing(ConnectionBroker broker, TimeProvider time, ILogger<LineListing> logger)
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/x-ndjson";

    /// <summary>Answers the request.</summary>
    public async Task SendAsync(HttpContext context, ConfiguredBackend backend, PathAccess access)
    {
        var query = ListingQuery.Read(context.Request);
        if (query is not { Sort: ListingSort.Name, IsDescending: false, After: null })
        {
            throw QueryReader.Invalid("NDJSON comes in the server's order: sort, order and after are for JSON.");
        }

        await using var opened = await broker.OpenAsync(
            backend.Name, (connection, token) => TreeStream.OpenAsync(connection, access.Asked, query.Depth, access, token), context.RequestAborted);
        context.Response.ContentType = ContentType;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        using var writer = new ListingWriter(context, backend, time);
        try
        {
            await CopyAsync(opened.Value, writer, query);
        }
        catch (BackendException exception) when (context.Response.HasStarted || writer.HasUnflushed)
        {
            // The status is gone; a line can still say it. The end is clean so that the line arrives.
            var problem = Problem.From(exception);
            LogCutShort(LoggedText.Of(context), problem.Type.Name, LoggedText.Of(problem.Detail), TraceId.Of(context));
            await writer.WriteLastLineAsync(problem);
        }
    }

    private static async ValueTask CopyAsync(TreeStream entries, ListingWriter writer, ListingQuery query)
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

            var item = entries.Current;
            if (item.Unreadable is not null || query.Match?.IsMatch(item.Entry.Name) != false)
            {
                await writer.WriteLineAsync(item);
                left -= item.Unreadable is null ? 1 : 0;
            }
        }

        await writer.FlushAsync();
    }

    [LoggerMessage(1320, LogLevel.Warning, "GET {Target}: the listing ended early with {Problem}: {Detail} [{TraceId}]")]
    private partial void LogCutShort(string target, string problem, string detail, string traceId);
}
