namespace Gateway.Api.Directories;

/// <summary>Some entries of a view, one after the other.</summary>
/// <param name="View">The view.</param>
/// <param name="Start">The first.</param>
/// <param name="Count">How many.</param>
internal readonly record struct ListingPage(ListingView View, int Start, int Count)
{
    /// <summary>Whether entries follow.</summary>
    public bool HasNext => Start + Count < View.Count;

    /// <summary>The place of the last entry; there is one.</summary>
    public string LastPlace => View.PlaceOf(Start + Count - 1);

    /// <summary>The row of the table that an entry is in.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>.</param>
    public int Row(int index) => View.Row(Start + index);
}
