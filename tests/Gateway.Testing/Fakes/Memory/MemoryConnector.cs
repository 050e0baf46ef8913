using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes.Memory;

/// <summary>Opens connections to a <see cref="MemoryBackend"/>.</summary>
internal sealed class MemoryConnector(MemoryBackend backend) : IBackendConnector
{
    public bool IsShareable => backend.IsShareable;

    public Task<BackendConnection> OpenAsync(CancellationToken cancellationToken) => backend.ConnectAsync(cancellationToken);
}
