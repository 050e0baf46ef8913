using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Directories;

/// <summary><c>DELETE</c> of a folder, or of a whole tree.</summary>
internal sealed class DeleteDirectoryHandler(CurrentSettings settings, ConnectionBroker broker, ListingCache listings)
{
    public async Task HandleAsync(HttpContext context)
    {
        var access = CallerAccess.Of(context).Target;
        var (backend, path) = BackendRequest.ReadForWriting(context, settings);
        if (path.IsRoot)
        {
            throw new ProblemException(ProblemTypes.InvalidPath, "The backend's root cannot be deleted.");
        }

        var isRecursive = QueryReader.ReadFlag(context.Request, "recursive");
        try
        {
            await using var lease = await broker.AcquireAliveAsync(backend.Name, context.RequestAborted);
            if (isRecursive)
            {
                if (!access.AllowsTree(path, GrantVerb.Delete))
                {
                    await TreeCheck.RequireAsync(lease.Connection, path, below => access.Allows(below, GrantVerb.Delete), context.RequestAborted);
                }

                var deletion = new TreeDeletion(lease.Connection, backend.Definition.Connector.IsShareable, below => access.Require(below, GrantVerb.Delete));
                try
                {
                    await deletion.RunAsync(path, context.RequestAborted);
                }
                finally
                {
                    AuditEntry.Find(context)?.Entries = deletion.Deleted;
                }
            }
            else
            {
                await lease.Connection.DeleteDirectoryAsync(path, context.RequestAborted);
            }
        }
        finally
        {
            listings.InvalidateAll(backend);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
