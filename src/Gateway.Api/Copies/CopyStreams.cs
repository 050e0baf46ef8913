using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Copies;

/// <summary>Both ends of a copy, open, and the leases that they need.</summary>
/// <param name="source">The file.</param>
/// <param name="target">The copy, under its temporary name.</param>
/// <param name="leases">One, or two.</param>
internal sealed class CopyStreams(RemoteReadStream source, RemoteWriteStream target, params ConnectionLease[] leases) : IAsyncDisposable
{
    public RemoteReadStream Source => source;

    public RemoteWriteStream Target => target;

    /// <summary>Closes the file, abandons a copy that was not committed, and then gives the connections back.</summary>
    public async ValueTask DisposeAsync()
    {
        await target.DisposeAsync();
        await source.DisposeAsync();
        foreach (var lease in leases)
        {
            await lease.DisposeAsync();
        }
    }
}
