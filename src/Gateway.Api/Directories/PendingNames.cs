namespace Gateway.Api.Directories;

/// <summary>
/// Names of one folder that are still to be looked at, in their order and in bounded memory: of too many only the first are remembered,
/// and the folder has to be listed again for those behind them.
/// </summary>
internal sealed class PendingNames
{
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private string? _last;

    /// <summary>How many are remembered.</summary>
    public int Count => _names.Count;

    /// <summary>Whether there are more than are remembered.</summary>
    public bool HasForgotten { get; private set; }

    /// <summary>The folder is listed again: what was forgotten is going to be added once more.</summary>
    public void BeginAgain() => HasForgotten = false;

    /// <summary>Adds a name, unless it was taken before.</summary>
    /// <param name="name">The name.</param>
    /// <param name="room">Most names to remember.</param>
    public void Add(string name, int room)
    {
        if (_last is not null && string.CompareOrdinal(name, _last) <= 0)
        {
            return;
        }

        _names.Add(name);
        if (_names.Count > room)
        {
            _names.Remove(_names.Max!);
            HasForgotten = true;
        }
    }

    /// <summary>Takes the first name.</summary>
    /// <returns>Null where none is remembered.</returns>
    public string? Take()
    {
        if (_names.Min is not { } first)
        {
            return null;
        }

        _names.Remove(first);
        _last = first;
        return first;
    }
}
