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
        if (!Preconditions.ArePresent(context.Request.Headers))
        {
            return;
        }

        var target = await FindAsync(backend, path, context.RequestAborted);
        var tag = target is { } entry ? EntryTag.Of(backend.Name, path, entry, time.GetUtcNow()) : null;
        var modified = target is { IsModifiedApproximate: false } ? target.Value.Modified : null;
        if (Preconditions.Evaluate(context.Request, target is not null, tag, modified) != PreconditionOutcome.Proceed)
        {
            throw Failed();
        }
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
