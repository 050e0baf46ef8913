namespace Gateway.Broker.Pooling;

/// <summary>Something opened on a leased connection, together with its lease.</summary>
/// <typeparam name="T">The stream.</typeparam>
public sealed class Leased<T> : IAsyncDisposable
    where T : class, IAsyncDisposable
{
    private readonly ConnectionLease _lease;

    internal Leased(T value, ConnectionLease lease)
    {
        Value = value;
        _lease = lease;
    }

    /// <summary>The stream.</summary>
    public T Value { get; }

    internal ConnectionLease Lease => _lease;

    /// <summary>Disposes the stream, then the lease.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Value.DisposeAsync();
        }
        finally
        {
            await _lease.DisposeAsync();
        }
    }
}
