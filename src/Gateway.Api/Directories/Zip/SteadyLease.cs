using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Directories.Zip;

/// <summary>
/// One lease for many operations, one after the other: another is acquired only when its connection died, before an operation had any
/// effect on the response.
/// </summary>
internal sealed class SteadyLease(ConnectionBroker broker, string backend) : IAsyncDisposable
{
    private ConnectionLease? _lease;

    /// <summary>Runs an operation that is safe to repeat, a second time where the connection failed.</summary>
    public async ValueTask<T> RunAsync<T>(Func<BackendConnection, CancellationToken, ValueTask<T>> operation, CancellationToken cancellationToken)
    {
        if (_lease is { } lease)
        {
            try
            {
                return await operation(lease.Connection, cancellationToken);
            }
            catch (BackendException exception) when (exception.IsConnectionFailure)
            {
                lease.Connection.Break(exception);
                await lease.DisposeAsync();
                _lease = null;
            }
        }

        _lease = await broker.AcquireAliveAsync(backend, cancellationToken);
        return await operation(_lease.Connection, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _lease?.DisposeAsync() ?? default;
}
