using Gateway.Broker.Backends;

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

    /// <summary>An entry, and the folder that holds it.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>.</param>
    /// <param name="folder">What was listed.</param>
    public (RemotePath Folder, RemoteEntry Entry) Get(int index, RemotePath folder)
    {
        var row = View.Row(Start + index);
        return (ListingView.FolderOf(View.Table, row, folder), View.Table.Entry(row));
    }
}
