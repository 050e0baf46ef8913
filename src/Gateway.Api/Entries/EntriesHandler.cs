using Gateway.Api.Access;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Hosting;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Entries;

/// <summary>Metadata of one entry.</summary>
internal sealed class EntriesHandler(CurrentSettings settings, ConnectionBroker broker, TimeProvider time)
{
    public async Task GetAsync(HttpContext context)
    {
        var (backend, path) = BackendRequest.Read(context, settings);
        var follow = QueryReader.ReadFlag(context.Request, "follow");
        if (follow)
        {
            await CallerAccess.Of(context).RequireAsync(backend.Name, path, GrantVerb.List, follows: true, context.RequestAborted);
        }

        var entry = await broker.RunAsync(
            backend.Name, (connection, token) => connection.GetEntryAsync(path, follow, token), context.RequestAborted);

        await WriteAsync(context, EntryDocument.Of(backend.Name, path, entry, time.GetUtcNow()));
    }

    /// <summary>Answers with an entry.</summary>
    public static async Task WriteAsync(HttpContext context, EntryDocument document)
    {
        context.Response.Headers.ETag = document.Etag;
        await JsonResponse.WriteAsync(context, document, GatewayJson.Documents.EntryDocument);
    }
}
