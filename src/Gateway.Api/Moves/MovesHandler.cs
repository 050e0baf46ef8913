using System.Text.Json;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Moves;

/// <summary>Renames within a backend.</summary>
internal sealed class MovesHandler(CurrentSettings settings, ConnectionBroker broker, ListingCache listings)
{
    public async Task MoveAsync(HttpContext context)
    {
        var (backend, _) = BackendRequest.ReadForWriting(context, settings);
        var move = await ReadAsync(context);
        var (from, to) = (ReadPath(move.From, "from"), ReadPath(move.To, "to"));
        if (to != from && to.IsWithin(from))
        {
            throw new ProblemException(ProblemTypes.InvalidRequest, "'to' lies below 'from': a folder cannot be moved into itself.");
        }

        try
        {
            // Never repeated by itself: where the answer to a first try got lost, a second one would find nothing to move.
            await using var lease = await broker.AcquireAliveAsync(backend.Name, context.RequestAborted);
            await lease.Connection.RenameAsync(from, to, move.Overwrite, context.RequestAborted);
        }
        finally
        {
            listings.InvalidateAll(backend);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.Location = ResourceUrl.Of(context.Request, backend.Name, "entries", to);
    }

    private static async ValueTask<MoveDocument> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new ProblemException(ProblemTypes.UnsupportedMediaType, "The body is JSON; say so with Content-Type: application/json.");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.BodyReader, GatewayJson.Documents.MoveDocument, context.RequestAborted)
                ?? throw new JsonException("The body is null.");
        }
        catch (JsonException exception)
        {
            throw new ProblemException(
                ProblemTypes.InvalidRequest, """The body is not {"from": "/a", "to": "/b", "overwrite": false}: """ + Reason(exception));
        }
    }

    /// <summary>The serializer's sentence without the names of the gateway's types.</summary>
    private static string Reason(JsonException exception)
    {
        if (exception.Message.Contains("missing required", StringComparison.Ordinal))
        {
            return "'from' and 'to' are required.";
        }

        return exception.Path is { Length: > 1 } path ? $"look at {path}." : "it is not valid JSON of that form.";
    }

    private static RemotePath ReadPath(string text, string member)
    {
        if (!RemotePath.TryParse(text, out var path, out var reason))
        {
            throw new ProblemException(ProblemTypes.InvalidPath, $"'{member}': {reason}");
        }

        return path.IsRoot ? throw new ProblemException(ProblemTypes.InvalidPath, $"'{member}' is the root, which stays where it is.") : path;
    }
}
