using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>The pools of all backends: the one place where connections come from.</summary>
public sealed class ConnectionBroker : IAsyncDisposable
{
    /// <summary>Replaces the set of backends: new ones are opened, changed ones get a new pool, removed ones are drained.</summary>
    public void Update(IReadOnlyCollection<BackendDefinition> backends) => throw new NotSupportedException();

    /// <summary>Acquires a lease on a connection of <paramref name="backend"/>.</summary>
    /// <exception cref="KeyNotFoundException">No such backend.</exception>
    public ValueTask<ConnectionLease> AcquireAsync(string backend, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>
    /// Runs an operation that is safe to repeat on a lease of its own. Where a warm connection turns out dead
    /// (<see cref="BackendException.IsConnectionFailure"/>), it is run once more on another.
    /// </summary>
    public ValueTask<T> RunAsync<T>(string backend, Func<BackendConnection, CancellationToken, ValueTask<T>> operation, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>
    /// The same for an operation that opens something which outlives it (a read or write stream): the lease stays with the
    /// result, and disposing the result disposes first the stream, then the lease.
    /// </summary>
    public ValueTask<Leased<T>> OpenAsync<T>(string backend, Func<BackendConnection, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
        where T : class, IAsyncDisposable => throw new NotSupportedException();

    /// <summary>All pools, by backend name.</summary>
    public IReadOnlyList<PoolSnapshot> GetSnapshots() => throw new NotSupportedException();

    /// <summary>
    /// Stops giving leases (<see cref="BackendError.ShuttingDown"/>), waits until the last lease ends or the token fires, closes all.
    /// </summary>
    public Task DrainAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Closes everything at once.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
