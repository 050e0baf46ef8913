namespace Gateway.Api.OpenApi;

/// <summary>Groups of operations.</summary>
internal static class OpenApiTags
{
    public const string Backends = "Backends";
    public const string Directories = "Directories";
    public const string Files = "Files";
    public const string Entries = "Entries";
    public const string Moves = "Moves";
    public const string Copies = "Copies";
    public const string Links = "Links";
    public const string Health = "Health";
    public const string Problems = "Problems";

    /// <summary>All, with what they are about, in the order of Swagger UI.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        (Backends, "The file servers that are configured."),
        (Directories, "Folders: list, create, delete."),
        (Files, "Files: download, upload, delete. Bodies are streamed in both directions and never held in memory or on disk."),
        (Entries, "Metadata of one file, folder or link: show, change."),
        (Moves, "Rename within one backend."),
        (Copies, "Copy a file or folder within one backend, or to another."),
        (Links, "URLs for one file and one method, which work without a key."),
        (Health, "For load balancers and operators. Nothing here opens a connection."),
        (Problems, "Every error is `application/problem+json` (RFC 9457) of one of these types."),
    ];
}
