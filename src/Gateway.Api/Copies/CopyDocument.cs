namespace Gateway.Api.Copies;

/// <summary>A copy of a file or folder, within its backend or to another.</summary>
internal sealed record CopyDocument
{
    /// <summary>The path of the file, not percent-encoded.</summary>
    public required string From { get; init; }

    /// <summary>The path of the copy.</summary>
    public required string To { get; init; }

    /// <summary>The backend of the copy; absent or null: the same.</summary>
    public string? ToBackend { get; init; }

    /// <summary>Whether files in the way are replaced. A folder never is; one that is copied joins it.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether a folder is copied, with everything in it.</summary>
    public bool Recursive { get; init; }
}
