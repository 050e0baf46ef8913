using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Pooling;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Api.Health;

/// <summary>Judges every pool from its snapshot. It opens nothing: a health check must not log in anywhere.</summary>
internal sealed class BackendsHealthCheck(CurrentSettings settings, ConnectionBroker broker, Lifecycle lifecycle) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var backends = Judge();
        var data = backends.ToDictionary(pair => pair.Key, pair => (object)pair.Value, StringComparer.Ordinal);
        return Task.FromResult(new HealthCheckResult(Sum(backends), data: data));
    }

    private SortedDictionary<string, BackendHealthDocument> Judge()
    {
        var backends = new SortedDictionary<string, BackendHealthDocument>(StringComparer.Ordinal);
        var configured = settings.Value.Backends;
        foreach (var snapshot in broker.GetSnapshots())
        {
            if (configured.TryGetValue(snapshot.Backend, out var backend))
            {
                backends[backend.Name] = new BackendHealthDocument(
                    StatusOf(snapshot, backend.Definition.Pool.MinConnections), backend.Protocol, PoolDocument.Of(snapshot), HealthWords.Of(snapshot.Circuit), LastErrorOf(snapshot));
            }
        }

        return backends;
    }

    private HealthStatus Sum(SortedDictionary<string, BackendHealthDocument> backends)
    {
        var failing = backends.Values.Count(backend => backend.Status == HealthWords.Fail);
        if (lifecycle.IsDraining || (failing > 0 && failing == backends.Count))
        {
            return HealthStatus.Unhealthy;
        }

        return backends.Values.All(backend => backend.Status == HealthWords.Pass) ? HealthStatus.Healthy : HealthStatus.Degraded;
    }

    /// <summary>A loss that left enough connections is told, and no trouble.</summary>
    internal static string StatusOf(PoolSnapshot snapshot, int minimum)
    {
        var usable = snapshot.Idle + snapshot.Leased;
        if (snapshot.Circuit is CircuitState.Closed && (snapshot.LastError is null || (usable > 0 && usable >= minimum)))
        {
            return snapshot.FirstAttemptEnded ? HealthWords.Pass : HealthWords.Warn;
        }

        return usable > 0 ? HealthWords.Warn : HealthWords.Fail;
    }

    private static LastErrorDocument? LastErrorOf(PoolSnapshot snapshot) =>
        snapshot.LastError is { } error
            ? new LastErrorDocument(ProblemTypes.For(error.Error).Name, error.Detail, error.At.UtcDateTime)
            : null;
}
