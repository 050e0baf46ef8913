using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Hosting;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Backends;

/// <summary>What is configured.</summary>
internal sealed class BackendsHandler(CurrentSettings settings, ConnectionBroker broker)
{
    public Task ListAsync(HttpContext context)
    {
        var snapshots = broker.GetSnapshots().ToDictionary(snapshot => snapshot.Backend, StringComparer.Ordinal);
        var rights = CallerAccess.Of(context).Rights;
        var backends = settings.Value.Backends.Values
            .Where(backend => rights.Sees(backend.Name))
            .OrderBy(backend => backend.Name, StringComparer.Ordinal)
            .Select(backend => BackendDocument.Of(backend, snapshots.GetValueOrDefault(backend.Name)));
        return AnswerAsync(context, new BackendsDocument([.. backends]));
    }

    public Task GetAsync(HttpContext context)
    {
        var backend = BackendRequest.Find((string)context.GetRouteValue("backend")!, settings);
        var snapshot = broker.GetSnapshots().FirstOrDefault(s => string.Equals(s.Backend, backend.Name, StringComparison.Ordinal));
        context.Response.Headers.CacheControl = "no-store";
        return JsonResponse.WriteAsync(context, BackendDocument.Of(backend, snapshot), GatewayJson.Documents.BackendDocument);
    }

    private static Task AnswerAsync(HttpContext context, BackendsDocument document)
    {
        context.Response.Headers.CacheControl = "no-store";
        return JsonResponse.WriteAsync(context, document, GatewayJson.Documents.BackendsDocument);
    }
}
