using System.Text;
using Gateway.Broker.Backends;

namespace Gateway.Fuzz.Targets;

/// <summary>What holds for the results of several targets.</summary>
internal static class Promises
{
    /// <summary>An entry from a listing can be shown, and where it has a path, that is one below its folder.</summary>
    public static void OfEntry(in RemoteEntry entry)
    {
        FuzzFailure.Unless(!entry.Name.Any(char.IsControl) && !entry.Name.Contains('/', StringComparison.Ordinal), "A name has a slash or a control character.");
        FuzzFailure.Unless(entry.Name.Length <= RemoteEntry.MaxListedBytes + 16, "A name is too long.");
        FuzzFailure.Unless(entry.Size is null or (>= 0 and <= RemoteEntry.MaxSize), "A size is impossible.");
        FuzzFailure.Unless(entry.Permissions is null or (>= 0 and <= 0xFFF), "Permissions are impossible.");
        if (entry.IsAddressable)
        {
            var folder = RemotePath.Parse("/folder");
            var path = folder.Append(entry.Name);
            FuzzFailure.Unless(path.IsWithin(folder) && path.Parent == folder && path.Name == entry.Name, "A name leads out of its folder.");
            OfPath(path);
        }
    }

    /// <summary>No step of a path leads up or nowhere, and its text is read as the same path.</summary>
    public static void OfPath(RemotePath path)
    {
        if (path.IsRoot)
        {
            return;
        }

        FuzzFailure.Unless(path.Value.StartsWith('/') && !path.Value.Any(char.IsControl), "A path is not what it should be.");
        FuzzFailure.Unless(path.Value[1..].Split('/').All(step => step is not ("" or "." or "..")), "A path has an empty step or dots.");
        FuzzFailure.Unless(RemotePath.TryParse(path.Value, out var again, out _) && again == path, "A path is read as another.");
    }

    /// <summary>Text that goes to a log or a caller.</summary>
    public static void OfLine(string text) =>
        FuzzFailure.Unless(!text.Any(char.IsControl) && Encoding.UTF8.GetByteCount(text) >= 0, "A line has a control character.");
}
