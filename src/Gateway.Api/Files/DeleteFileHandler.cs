using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Files;

/// <summary><c>DELETE</c> of a file.</summary>
internal sealed class DeleteFileHandler(CurrentSettings settings, ConnectionBroker broker, TargetConditions conditions, ListingCache listings)
{
    public async Task HandleAsync(HttpContext context)
    {
        var (backend, path) = BackendRequest.ReadForWriting(context, settings);
        if (path.IsRoot)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "The root is a folder and cannot be deleted.");
        }

        await conditions.RequireAsync(context, backend, path);
        try
        {
            await using var lease = await broker.AcquireAliveAsync(backend.Name, context.RequestAborted);
            await lease.Connection.DeleteFileAsync(path, context.RequestAborted);
        }
        finally
        {
            // Also after a failure: an answer that got lost may have been a success.
            listings.Invalidate(backend, path.Parent);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
