using System.Security.Cryptography;
using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// Views whose next pages somebody may ask for. A snapshot is kept for <see cref="Lifetime"/> after its last page, and all of them in
/// <see cref="MaxBytes"/> of memory, those that were used last. One that is gone is no error: the cursor also tells the place in the order,
/// and a fresh listing is taken up behind it, by another instance of the gateway as well.
/// </summary>
internal sealed class ListingSnapshots(TimeProvider time) : IDisposable
{
    /// <summary>How long after its last page.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>Bytes of all of them.</summary>
    public const long MaxBytes = 192 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Snapshot>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<Snapshot> _oldestFirst = new();
    private ITimer? _timer;
    private long _bytes;

    /// <summary>Keeps a view.</summary>
    /// <returns>Its name, which nobody can guess.</returns>
    public string Add(ConfiguredBackend backend, PathAccess access, ListingQuery query, ListingView view)
    {
        var id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var snapshot = new Snapshot(id, backend, access.Asked, OwnerOf(access), query.Shape, view) { LastUsed = time.GetTimestamp() };
        lock (_lock)
        {
            // Most often the views of one folder share its table, and are counted as if they did not.
            if (view.Weight <= MaxBytes)
            {
                _byId.Add(id, _oldestFirst.AddLast(snapshot));
                _bytes += view.Weight;
                Shrink();
            }

            _timer ??= time.CreateTimer(static state => ((ListingSnapshots)state!).ForgetOld(), this, Lifetime, Lifetime);
        }

        return id;
    }

    /// <summary>
    /// The view that <see cref="Add"/> was given under this name for the same folder and query, and for the same rights: what one caller may
    /// see another must not. Null where it is gone.
    /// </summary>
    public ListingView? Find(string id, ConfiguredBackend backend, PathAccess access, ListingQuery query)
    {
        lock (_lock)
        {
            Shrink();
            if (!_byId.TryGetValue(id, out var node) || !ReferenceEquals(node.Value.Backend, backend)
                || node.Value.Folder != access.Asked || node.Value.Shape != query.Shape || !ReferenceEquals(node.Value.Owner, OwnerOf(access)))
            {
                return null;
            }

            node.Value.LastUsed = time.GetTimestamp();
            _oldestFirst.Remove(node);
            _oldestFirst.AddLast(node);
            return node.Value.View;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Null for views of everything, which may be shared.</summary>
    private static AccessRights? OwnerOf(PathAccess access) => access.ShowsAll ? null : access.Rights;

    private void ForgetOld()
    {
        lock (_lock)
        {
            Shrink();
        }
    }

    private void Shrink()
    {
        while (_oldestFirst.First is { } oldest && (_bytes > MaxBytes || time.GetElapsedTime(oldest.Value.LastUsed) >= Lifetime))
        {
            _oldestFirst.Remove(oldest);
            _byId.Remove(oldest.Value.Id);
            _bytes -= oldest.Value.View.Weight;
        }
    }

    private sealed record Snapshot(string Id, ConfiguredBackend Backend, RemotePath Folder, AccessRights? Owner, string Shape, ListingView View)
    {
        public long LastUsed { get; set; }
    }
}
