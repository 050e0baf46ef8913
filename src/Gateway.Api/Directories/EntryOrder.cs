using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>An order of entries; equal ones are ordered by name, so that it is total.</summary>
/// <param name="sort">What to order by.</param>
/// <param name="isDescending">Whether the largest comes first.</param>
internal sealed class EntryOrder(ListingSort sort, bool isDescending) : IComparer<RemoteEntry>
{
    /// <inheritdoc/>
    public int Compare(RemoteEntry x, RemoteEntry y)
    {
        var result = sort switch
        {
            ListingSort.Size => (x.Size ?? -1).CompareTo(y.Size ?? -1),
            ListingSort.Modified => (x.Modified?.UtcTicks ?? -1).CompareTo(y.Modified?.UtcTicks ?? -1),
            _ => 0,
        };
        if (result == 0)
        {
            result = string.CompareOrdinal(x.Name, y.Name);
        }

        return isDescending ? -result : result;
    }
}
