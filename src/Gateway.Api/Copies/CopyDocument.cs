namespace Gateway.Api.Copies;

/// <summary>A copy of a file, within its backend or to another.</summary>
internal sealed record CopyDocument
{
    /// <summary>The path of the file, not percent-encoded.</summary>
    public required string From { get; init; }

    /// <summary>The path of the copy.</summary>
    public required string To { get; init; }

    /// <summary>The backend of the copy; absent or null: the same.</summary>
    public string? ToBackend { get; init; }

    /// <summary>Whether a file in the way is replaced; a folder never is.</summary>
    public bool Overwrite { get; init; }
}
