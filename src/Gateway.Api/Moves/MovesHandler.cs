using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Moves;

/// <summary>Renames within a backend.</summary>
internal sealed class MovesHandler(CurrentSettings settings, ConnectionBroker broker, TargetConditions conditions, ListingCache listings)
{
    public async Task MoveAsync(HttpContext context)
    {
        var (backend, _) = BackendRequest.ReadForWriting(context, settings);
        var move = await JsonBody.ReadAsync(context, GatewayJson.Documents.MoveDocument, """{"from": "/a", "to": "/b", "overwrite": false}""");
        var (from, to) = (JsonPath.Read(move.From, "from"), JsonPath.Read(move.To, "to"));
        AuditEntry.Find(context)?.Between(from, to);
        if (to != from && to.IsWithin(from))
        {
            throw new ProblemException(ProblemTypes.InvalidRequest, "'to' lies below 'from': a folder cannot be moved into itself.");
        }

        var access = CallerAccess.Of(context);
        var source = await access.RequireAsync(backend.Name, from, GrantVerb.Delete, follows: false, context.RequestAborted);
        source.Require(from, GrantVerb.Read);
        var target = await access.RequireAsync(backend.Name, to, GrantVerb.Write, follows: false, context.RequestAborted);
        await conditions.RequireAsync(context, backend, from);
        try
        {
            // Never repeated by itself: where the answer to a first try got lost, a second one would find nothing to move.
            await using var lease = await broker.AcquireAliveAsync(backend.Name, context.RequestAborted);
            await RequireTreeAsync(lease.Connection, source, target, context.RequestAborted);
            await lease.Connection.RenameAsync(from, to, move.Overwrite, context.RequestAborted);
        }
        finally
        {
            listings.InvalidateAll(backend);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.Location = ResourceUrl.Of(context.Request, backend.Name, "entries", to);
    }

    /// <summary>A folder takes along what is in it: a right on the folder alone must not bring a caller by what it may not read.</summary>
    private static async ValueTask RequireTreeAsync(BackendConnection connection, PathAccess source, PathAccess target, CancellationToken cancellationToken)
    {
        var (from, to) = (source.Asked, target.Asked);
        if (source.AllowsTree(from, GrantVerb.Read) && source.AllowsTree(from, GrantVerb.Delete) && target.AllowsTree(to, GrantVerb.Write))
        {
            return;
        }

        await TreeCheck.RequireAsync(
            connection,
            from,
            path => source.Allows(path, GrantVerb.Read) && source.Allows(path, GrantVerb.Delete)
                && RemotePath.TryParse(to.Value + path.Value[from.Value.Length..], out var moved, out _) && target.Allows(moved, GrantVerb.Write),
            cancellationToken);
    }
}
