using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>The right to use a connection until disposed.</summary>
public sealed class ConnectionLease : IAsyncDisposable
{
    /// <summary>The connection.</summary>
    public BackendConnection Connection => throw new NotSupportedException();

    /// <summary>Gives the connection back. Never throws; closing a broken connection happens elsewhere.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
