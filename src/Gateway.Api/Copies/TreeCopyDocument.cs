namespace Gateway.Api.Copies;

/// <summary>A folder that was copied with everything in it.</summary>
internal sealed record TreeCopyDocument
{
    /// <summary>The backend of the copy.</summary>
    public required string Backend { get; init; }

    /// <summary>The folder that is the copy.</summary>
    public required string Path { get; init; }

    /// <summary>Folders in it, at every depth.</summary>
    public required int Folders { get; init; }

    /// <summary>Files that were copied.</summary>
    public required int Files { get; init; }

    /// <summary>Their bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Links, pipes and the like, which were left out.</summary>
    public required int Skipped { get; init; }
}
