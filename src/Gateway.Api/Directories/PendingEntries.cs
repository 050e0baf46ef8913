using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// Entries of one folder that are still to be looked at, in the order of their names and in bounded memory: of too many only the first are
/// remembered, and the folder has to be listed again for those behind them.
/// </summary>
internal sealed class PendingEntries
{
    private static readonly Comparer<RemoteEntry> s_byName = Comparer<RemoteEntry>.Create(static (left, right) => string.CompareOrdinal(left.Name, right.Name));

    private readonly SortedSet<RemoteEntry> _entries = new(s_byName);
    private string? _last;

    /// <summary>How many are remembered.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether there are more than are remembered.</summary>
    public bool HasForgotten { get; private set; }

    /// <summary>The folder is listed again: what was forgotten is going to be added once more.</summary>
    public void BeginAgain() => HasForgotten = false;

    /// <summary>Adds an entry, unless one of its name was taken before.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="room">Most entries to remember.</param>
    public void Add(in RemoteEntry entry, int room)
    {
        if (_last is not null && string.CompareOrdinal(entry.Name, _last) <= 0)
        {
            return;
        }

        _entries.Add(entry);
        if (_entries.Count > room)
        {
            _entries.Remove(_entries.Max);
            HasForgotten = true;
        }
    }

    /// <summary>Takes the first.</summary>
    /// <returns>Null where none is remembered.</returns>
    public RemoteEntry? Take()
    {
        if (_entries.Count == 0)
        {
            return null;
        }

        var first = _entries.Min;
        _entries.Remove(first);
        _last = first.Name;
        return first;
    }
}
