using System.Globalization;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// One page of a folder. The cursor is the last entry's place in the order, not a count: entries that come or go between two pages
/// neither repeat nor hide others.
/// </summary>
/// <param name="Entries">The entries in their order.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last.</param>
internal readonly record struct ListingPage(ArraySegment<RemoteEntry> Entries, string? Next)
{
    /// <summary>The page of <paramref name="sorted"/> that <paramref name="query"/> asks for.</summary>
    /// <param name="sorted">All entries, ordered by name; not changed.</param>
    /// <param name="query">The query.</param>
    /// <exception cref="ProblemException">The cursor is none of this order.</exception>
    public static ListingPage Of(RemoteEntry[] sorted, ListingQuery query)
    {
        var order = new EntryOrder(query.Sort, query.IsDescending);
        var entries = sorted;
        if (query is not { Sort: ListingSort.Name, IsDescending: false, Match: null })
        {
            entries = query.Match is { } match ? Array.FindAll(sorted, entry => match.IsMatch(entry.Name)) : [.. sorted];
            Array.Sort(entries, order);
        }

        var start = query.After is { } cursor ? FirstAfter(entries, ParseCursor(cursor, query.Sort), order) : 0;
        var count = Math.Min(query.Limit ?? int.MaxValue, entries.Length - start);
        var next = start + count < entries.Length ? FormatCursor(entries[start + count - 1], query.Sort) : null;
        return new ListingPage(new ArraySegment<RemoteEntry>(entries, start, count), next);
    }

    private static int FirstAfter(RemoteEntry[] entries, in RemoteEntry cursor, EntryOrder order)
    {
        var (low, high) = (0, entries.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (order.Compare(entries[middle], cursor) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The name; for the other orders the key comes first, and a slash, which no name can hold.</summary>
    private static string FormatCursor(in RemoteEntry entry, ListingSort sort) => sort switch
    {
        ListingSort.Size => string.Create(CultureInfo.InvariantCulture, $"{entry.Size ?? -1}/{entry.Name}"),
        ListingSort.Modified => string.Create(CultureInfo.InvariantCulture, $"{entry.Modified?.UtcTicks ?? -1}/{entry.Name}"),
        _ => entry.Name,
    };

    private static RemoteEntry ParseCursor(string cursor, ListingSort sort)
    {
        if (sort == ListingSort.Name)
        {
            return new RemoteEntry { Name = cursor, Type = RemoteEntryType.Other };
        }

        var slash = cursor.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !long.TryParse(cursor.AsSpan(0, slash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var key)
            || key > DateTimeOffset.MaxValue.UtcTicks)
        {
            throw QueryReader.Invalid("The query parameter 'after' is not a 'next' of a listing in this order.");
        }

        var entry = new RemoteEntry { Name = cursor[(slash + 1)..], Type = RemoteEntryType.Other };
        if (key < 0)
        {
            return entry;
        }

        return sort == ListingSort.Size ? entry with { Size = key } : entry with { Modified = new DateTimeOffset(key, TimeSpan.Zero) };
    }
}
