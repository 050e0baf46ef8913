using Gateway.Api.Audit;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;

namespace Gateway.Api.Backends;

/// <summary>What a request under <c>/v1/backends/{backend}</c> is about.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Path">The path on it; the root where the route has none.</param>
internal readonly record struct BackendRequest(ConfiguredBackend Backend, RemotePath Path)
{
    /// <summary>Reads a request that may change nothing.</summary>
    /// <exception cref="ProblemException">No such backend, or not a valid path.</exception>
    public static BackendRequest Read(HttpContext context, CurrentSettings settings)
    {
        var backend = Find((string)context.GetRouteValue("backend")!, settings);
        var path = RequestTarget.ReadPath(context);
        if (RequestTarget.HasPath(context))
        {
            AuditEntry.Find(context)?.Path = path;
        }

        return new BackendRequest(backend, path);
    }

    /// <summary>Reads a request that changes something.</summary>
    /// <exception cref="ProblemException">No such backend, a read-only one, or not a valid path.</exception>
    public static BackendRequest ReadForWriting(HttpContext context, CurrentSettings settings)
    {
        var request = Read(context, settings);
        return request.Backend.ReadOnly
            ? throw new ProblemException(ProblemTypes.ReadOnly, $"The backend '{request.Backend.Name}' is configured as read-only.")
            : request;
    }

    /// <summary>The backend called <paramref name="name"/>.</summary>
    public static ConfiguredBackend Find(string name, CurrentSettings settings) =>
        settings.Value.Backends.TryGetValue(name, out var backend)
            ? backend
            : throw NotFound();

    /// <summary>The answer where there is no such backend, or none that the caller may know of: the two are one.</summary>
    public static ProblemException NotFound() => new(ProblemTypes.BackendNotFound, "No backend of that name is configured; GET /v1/backends lists them.");
}
