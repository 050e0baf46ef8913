using Gateway.Api.Hosting;
using Gateway.Broker.Pooling;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Api.Health;

/// <summary>
/// Ready once the first attempt on every backend has ended, well or badly: a dead backend must not take the gateway, and the others
/// with it, out of service. A backend added later does not make the gateway unready again.
/// </summary>
internal sealed class ReadinessCheck(ConnectionBroker broker, Lifecycle lifecycle) : IHealthCheck
{
    private volatile bool _started;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        _started = _started || broker.GetSnapshots().All(snapshot => snapshot.FirstAttemptEnded);
        if (lifecycle.IsDraining)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("The gateway is being stopped."));
        }

        return Task.FromResult(
            _started ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The first connections are still being opened."));
    }
}
