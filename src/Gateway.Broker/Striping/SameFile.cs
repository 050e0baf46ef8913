using Gateway.Broker.Backends;

namespace Gateway.Broker.Striping;

/// <summary>
/// A file that is open on one connection, opened by its path on another. What was opened is the same if it has the first one's size and time; a file
/// that was changed less than some seconds ago is not trusted to show a change in these.
/// </summary>
internal static class SameFile
{
    /// <summary>Times have a resolution of one second, and the server's clock may differ a little.</summary>
    private static readonly TimeSpan Unsettled = TimeSpan.FromSeconds(5);

    /// <summary>Whether a change of the file would show.</summary>
    public static bool CanTell(RemoteEntry entry, TimeProvider time) =>
        entry.Size is not null && entry.Modified is { } modified && modified < time.GetUtcNow() - Unsettled;

    /// <summary>Opens it.</summary>
    /// <returns>Null where another file has the name by now.</returns>
    public static async ValueTask<RemoteReadStream?> OpenAsync(
        BackendConnection connection, RemotePath path, RemoteEntry entry, CancellationToken cancellationToken)
    {
        var stream = await connection.OpenReadAsync(path, cancellationToken);
        if (stream.Entry.Size == entry.Size && stream.Entry.Modified == entry.Modified)
        {
            return stream;
        }

        await stream.DisposeAsync();
        return null;
    }
}
