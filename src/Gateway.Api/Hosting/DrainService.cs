using Gateway.Api.Configuration;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Hosting;

/// <summary>
/// The end of the gateway: refuse new transfers, let running ones finish, close the connections. It runs before Kestrel stops
/// listening, so that health checks and refused callers still get an answer.
/// </summary>
internal sealed partial class DrainService(
    Lifecycle lifecycle, ConnectionBroker broker, CurrentSettings settings, TimeProvider time, ILogger<DrainService> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var grace = settings.Value.ShutdownTimeout;
        using var deadline = new CancellationTokenSource(grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);

        var (running, drained) = lifecycle.BeginDrain();
        LogDraining(running, grace);
        try
        {
            await drained.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            LogCutOff(grace);
        }

        try
        {
            await broker.DrainAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // The broker closed by force what was still open.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1200, LogLevel.Information, "Stopping: {Running} requests are under way and may take {Grace} to finish.")]
    private partial void LogDraining(int running, TimeSpan grace);

    [LoggerMessage(1201, LogLevel.Warning, "Stopping: requests are still under way after {Grace} (Gateway:ShutdownTimeout) and are cut off.")]
    private partial void LogCutOff(TimeSpan grace);
}
