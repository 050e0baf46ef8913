using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Microsoft.Extensions.Caching.Memory;

namespace Gateway.Api.Directories;

/// <summary>
/// Whole listings, sorted by name. Callers who ask for the same folder at the same time share one; it is kept for the backend's
/// <c>Listing:CacheDuration</c>, in bounded memory, and forgotten when the gateway itself changes the folder.
/// </summary>
internal sealed class ListingCache(ListingReader reader, TimeProvider time) : IDisposable
{
    private const long MaxBytes = 64 * 1024 * 1024;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MaxBytes });
    private readonly ListingStamps _stamps = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, SharedListing> _running = [];

    /// <summary>The folder's entries, all of them: what a caller may not see is left out by whoever shows them.</summary>
    /// <exception cref="BackendException">The backend failed.</exception>
    /// <exception cref="ProblemException">The folder is too large.</exception>
    public async ValueTask<ListingTable> GetAsync(ConfiguredBackend backend, RemotePath folder, CancellationToken cancellationToken)
    {
        var key = new Key(backend, folder, _stamps.Read(backend.Name, folder));
        if (_kept.Get(key) is Kept kept && time.GetUtcNow() < kept.Until)
        {
            return kept.Table;
        }

        var listing = Join(key, backend, folder);
        try
        {
            return await listing.Task.WaitAsync(cancellationToken);
        }
        catch (BackendException exception)
        {
            // Shared with other callers: each gets its own.
            throw exception.Copy();
        }
        finally
        {
            Leave(key, listing);
        }
    }

    /// <summary>Something in the folder was changed by the gateway.</summary>
    public void Invalidate(ConfiguredBackend backend, RemotePath folder) => _stamps.Bump(backend.Name, folder);

    /// <summary>Something was changed by the gateway in more folders than one.</summary>
    public void InvalidateAll(ConfiguredBackend backend) => _stamps.BumpAll(backend.Name);

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();

    private SharedListing Join(Key key, ConfiguredBackend backend, RemotePath folder)
    {
        lock (_lock)
        {
            if (_running.TryGetValue(key, out var running))
            {
                running.Callers++;
                return running;
            }

            var listing = new SharedListing();
            _running.Add(key, listing);
            listing.Task = Task.Run(() => ReadAndKeepAsync(key, backend, folder, listing.Cancellation.Token), CancellationToken.None);
            return listing;
        }
    }

    /// <summary>The last caller to leave takes the listing along: nobody waits for it any more, or it is done.</summary>
    private void Leave(Key key, SharedListing listing)
    {
        lock (_lock)
        {
            if (--listing.Callers > 0)
            {
                return;
            }

            _running.Remove(key);
        }

        listing.Cancellation.Cancel();
    }

    private async Task<ListingTable> ReadAndKeepAsync(Key key, ConfiguredBackend backend, RemotePath folder, CancellationToken cancellationToken)
    {
        var table = await reader.ReadAsync(backend.Name, folder, depth: 1, access: null, cancellationToken);
        if (backend.CacheDuration > TimeSpan.Zero)
        {
            _kept.Set(key, new Kept(table, time.GetUtcNow() + backend.CacheDuration), new MemoryCacheEntryOptions
            {
                AbsoluteExpirationRelativeToNow = backend.CacheDuration,
                Size = table.Weight,
            });
        }

        return table;
    }

    private readonly record struct Key(ConfiguredBackend Backend, RemotePath Folder, long Stamp)
    {
        // A reload makes a new backend, and nothing of the old one is found again.
        public bool Equals(Key other) => ReferenceEquals(Backend, other.Backend) && Folder == other.Folder && Stamp == other.Stamp;

        public override int GetHashCode() => HashCode.Combine(Backend.Name, Folder, Stamp);
    }

    private sealed record Kept(ListingTable Table, DateTimeOffset Until);
}
