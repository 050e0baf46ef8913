using System.Collections.Concurrent;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// A number for every folder that the gateway's own writes count up. A listing is kept under the number that held when it began: one
/// that a write overtook is never found again, and no write has to look for what it makes stale.
/// </summary>
internal sealed class ListingStamps
{
    /// <summary>Folders share numbers: two of them with the same one only lose a kept listing now and then.</summary>
    private const int Stripes = 256;

    private readonly ConcurrentDictionary<string, long[]> _backends = new(StringComparer.Ordinal);

    /// <summary>The number of a folder at this moment.</summary>
    public long Read(string backend, RemotePath folder)
    {
        var stamps = Stamps(backend);
        return Volatile.Read(ref stamps[Stripe(folder)]) + Volatile.Read(ref stamps[Stripes]);
    }

    /// <summary>Something in the folder changed.</summary>
    public void Bump(string backend, RemotePath folder) => Interlocked.Increment(ref Stamps(backend)[Stripe(folder)]);

    /// <summary>Something changed in more folders than one.</summary>
    public void BumpAll(string backend) => Interlocked.Increment(ref Stamps(backend)[Stripes]);

    private long[] Stamps(string backend) => _backends.GetOrAdd(backend, static _ => new long[Stripes + 1]);

    private static int Stripe(RemotePath folder) => (folder.Value.GetHashCode(StringComparison.Ordinal) & int.MaxValue) % Stripes;
}
