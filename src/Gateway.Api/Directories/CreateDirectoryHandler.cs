using Gateway.Api.Access;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Directories;

/// <summary><c>PUT</c> of a folder, with its parents.</summary>
internal sealed class CreateDirectoryHandler(CurrentSettings settings, ConnectionBroker broker, ListingCache listings)
{
    public async Task HandleAsync(HttpContext context)
    {
        var (backend, path) = BackendRequest.ReadForWriting(context, settings);
        var access = CallerAccess.Of(context).Target;
        bool created;
        try
        {
            created = await broker.RunAsync(backend.Name, (connection, token) => DirectoryCreation.EnsureAsync(connection, path, access, token), context.RequestAborted);
        }
        finally
        {
            listings.InvalidateAll(backend);
        }

        context.Response.StatusCode = created ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        context.Response.Headers.Location = ResourceUrl.Of(context.Request, backend.Name, "directories", path);
    }
}
