using System.Diagnostics;
using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>The spans of the source <c>Gateway.Broker</c>.</summary>
internal static class PoolActivities
{
    public const string SourceName = "Gateway.Broker";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether anybody records spans; where not, nothing is made for them.</summary>
    public static bool AreRecorded => Source.HasListeners();

    /// <summary>A caller asks for a lease; below the request's span.</summary>
    public static Activity? StartAcquire(string backend)
    {
        var activity = Source.StartActivity("pool.acquire");
        return activity?.SetTag("gateway.backend", backend);
    }

    /// <summary>A login; below the span of the caller that it is for, else a root.</summary>
    public static Activity? StartOpen(BackendDefinition backend, ActivityContext caller)
    {
        var activity = Source.StartActivity("connection.open", ActivityKind.Client, caller);
        return activity?.SetTag("gateway.backend", backend.Name)
            .SetTag("network.protocol.name", backend.Protocol)
            .SetTag("server.address", backend.Host)
            .SetTag("server.port", backend.Port);
    }

    /// <summary>Notes a failure. The message is one that callers may see: no secret, no raw text from the server.</summary>
    public static void Fail(Activity? activity, BackendException failure) =>
        activity?.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag("error.type", BackendErrorName.Of(failure.Error));
}
