using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Files;

/// <summary>
/// Conditions of requests that change a file, judged before anything is changed. No server of this kind can test and change in one
/// step: between the two, somebody else may still come in.
/// </summary>
internal sealed class TargetConditions(ConnectionBroker broker, TimeProvider time)
{
    /// <summary>Does nothing where the request has no condition; asks the server where it has one.</summary>
    /// <exception cref="ProblemException">A condition does not hold.</exception>
    public async ValueTask RequireAsync(HttpContext context, ConfiguredBackend backend, RemotePath path)
    {
        if (Preconditions.ArePresent(context.Request.Headers)
            && !Hold(context.Request, backend, path, await FindAsync(backend, path, context.RequestAborted)))
        {
            throw Failed();
        }
    }

    /// <summary>Whether the request's conditions hold for what is at <paramref name="path"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="path">The path.</param>
    /// <param name="target">What is there; null for nothing.</param>
    public bool Hold(HttpRequest request, ConfiguredBackend backend, RemotePath path, RemoteEntry? target)
    {
        var tag = target is { } entry ? EntryTag.Of(backend.Name, path, entry, time.GetUtcNow()) : null;
        var modified = target?.ExactModified;
        return Preconditions.Evaluate(request, target is not null, tag, modified) == PreconditionOutcome.Proceed;
    }

    /// <summary>The problem of a condition that does not hold.</summary>
    public static ProblemException Failed() => new(
        ProblemTypes.PreconditionFailed, "The file is not, or no longer, the one that the request's conditions name.");

    private async ValueTask<RemoteEntry?> FindAsync(ConfiguredBackend backend, RemotePath path, CancellationToken cancellationToken)
    {
        try
        {
            return await broker.RunAsync(
                backend.Name, (connection, token) => connection.GetEntryAsync(path, followSymlink: true, token), cancellationToken);
        }
        catch (BackendException exception) when (exception.Error == BackendError.NotFound)
        {
            return null;
        }
    }
}
