using Gateway.Api.Access;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>A folder, or a tree, as JSON: sorted, and in pages of one snapshot.</summary>
internal sealed class PageListing(ListingCache listings, ListingReader reader, ListingSnapshots snapshots, TimeProvider time)
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/json";

    /// <summary>Answers the request.</summary>
    public async Task SendAsync(HttpContext context, ConfiguredBackend backend, PathAccess access)
    {
        var folder = access.Asked;
        var query = ListingQuery.Read(context.Request);
        var (id, place) = ReadCursor(query);
        var kept = id is null ? null : snapshots.Find(id, backend, access, query);
        var view = kept ?? ListingView.Of(await ReadAsync(backend, access, query, context.RequestAborted), query, access);

        var start = place is null ? 0 : view.FirstBehind(place);
        var page = new ListingPage(view, start, Math.Min(query.Limit ?? int.MaxValue, view.Count - start));
        string? next = null;
        if (page.HasNext)
        {
            id = kept is null ? snapshots.Add(backend, access, query, view) : id;
            next = $"{id}/{page.LastPlace}";
            context.Response.Headers.Link = NextLink(context.Request, backend, folder, next);
        }

        context.Response.ContentType = JsonResponse.ContentType;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            using var writer = new ListingWriter(context, backend, time);
            await writer.WritePageAsync(folder, page, next);
        }
    }

    private ValueTask<ListingTable> ReadAsync(ConfiguredBackend backend, PathAccess access, ListingQuery query, CancellationToken cancellationToken) =>
        query.IsRecursive
            ? reader.ReadAsync(backend.Name, access.Asked, query.Depth, access, cancellationToken)
            : listings.GetAsync(backend, access.Asked, cancellationToken);

    /// <summary>A snapshot's name, a slash, and a place in the order. A name without any slash is a place, too, where names are the order.</summary>
    private static (string? Id, string? Place) ReadCursor(ListingQuery query)
    {
        if (query.After is not { } after)
        {
            return (null, null);
        }

        var slash = after.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return query is { Sort: ListingSort.Name, IsRecursive: false }
                ? (null, "/" + after)
                : throw QueryReader.Invalid("The query parameter 'after' is not a 'next' of a listing in this order.");
        }

        return (after[..slash], after[(slash + 1)..]);
    }

    private static string NextLink(HttpRequest request, ConfiguredBackend backend, RemotePath folder, string next)
    {
        var query = QueryString.Create(request.Query.Where(pair => pair.Key != "after")).Add("after", next);
        return $"<{ResourceUrl.Of(request, backend.Name, "directories", folder)}{query.ToUriComponent()}>; rel=\"next\"";
    }
}
