using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Api.Hosting;

/// <summary>Gives every part of Kestrel the same pool.</summary>
internal sealed class BlockMemoryPoolFactory : IMemoryPoolFactory<byte>, IDisposable
{
    private readonly BlockMemoryPool _pool = new();

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => _pool;

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();
}
