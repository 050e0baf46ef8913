using System.Globalization;
using System.Text;
using Gateway.Api.Access;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// The entries of a table that a query chooses, in its order. It never changes: pages of one view neither repeat nor leave out anything,
/// whatever happens on the server.
/// </summary>
internal sealed class ListingView
{
    private readonly ListingSort _sort;
    private readonly bool _isDescending;

    /// <summary>The chosen rows in their order; null for all of them in the table's own.</summary>
    private readonly int[]? _rows;

    private ListingView(ListingTable table, int[]? rows, ListingQuery query)
    {
        (Table, _rows, _sort, _isDescending) = (table, rows, query.Sort, query.IsDescending);
    }

    /// <summary>The table.</summary>
    public ListingTable Table { get; }

    /// <summary>How many entries.</summary>
    public int Count => _rows?.Length ?? Table.Count;

    /// <summary>Bytes of memory, the table's too.</summary>
    public long Weight => Table.Weight + (4L * (_rows?.Length ?? 0));

    /// <summary>What <paramref name="query"/> chooses of what the caller may see: tables are shared between callers, views are not.</summary>
    public static ListingView Of(ListingTable table, ListingQuery query, PathAccess access)
    {
        if (query is { Sort: ListingSort.Name, IsDescending: false, Match: null } && access.ShowsAll)
        {
            return new ListingView(table, null, query);
        }

        var all = Enumerable.Range(0, table.Count);
        if (!access.ShowsAll)
        {
            all = all.Where(row => access.Shows(FolderOf(table, row, access.Asked), table.Entry(row)));
        }

        int[] rows = query.Match is { } match ? [.. all.Where(row => match.IsMatch(table.Entry(row).Name))] : [.. all];
        var view = new ListingView(table, rows, query);
        Array.Sort(rows, (left, right) => view.Compare(left, table.Key(right, query.Sort), table.Name(right)));
        return view;
    }

    /// <summary>The folder that holds the entry of a row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="row">The row.</param>
    /// <param name="folder">What was listed.</param>
    private static RemotePath FolderOf(ListingTable table, int row, RemotePath folder)
    {
        foreach (var segment in table.Parent(row).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            folder = folder.Append(segment);
        }

        return folder;
    }

    /// <summary>The row of the table that an entry is in.</summary>
    public int Row(int index) => _rows is null ? index : _rows[index];

    /// <summary>An entry's place in the order, which outlives the view: what it is ordered by, a slash, and its path below the folder.</summary>
    public string PlaceOf(int index)
    {
        var row = Row(index);
        var key = _sort == ListingSort.Name ? "" : Table.Key(row, _sort).ToString(CultureInfo.InvariantCulture);
        return $"{key}/{Encoding.UTF8.GetString(Table.Name(row))}";
    }

    /// <summary>The first entry behind a place, whether there is still something in the place or not.</summary>
    /// <exception cref="ProblemException">It is no place in this order.</exception>
    public int FirstBehind(string place)
    {
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        long key = 0;
        if (slash < 0 || (_sort == ListingSort.Name
            ? slash > 0
            : !long.TryParse(place.AsSpan(0, slash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out key)))
        {
            throw QueryReader.Invalid("The query parameter 'after' is not a 'next' of a listing in this order.");
        }

        var name = Encoding.UTF8.GetBytes(place[(slash + 1)..]);
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Compare(Row(middle), key, name) <= 0)
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

    /// <summary>Equal ones are ordered by name, so that the order is total.</summary>
    private int Compare(int row, long key, ReadOnlySpan<byte> name)
    {
        var result = _sort == ListingSort.Name ? 0 : Table.Key(row, _sort).CompareTo(key);
        if (result == 0)
        {
            result = Table.Name(row).SequenceCompareTo(name);
        }

        return _isDescending ? -result : result;
    }
}
