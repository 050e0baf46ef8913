namespace Gateway.Api.Forms;

/// <summary>A file of a form that was stored.</summary>
internal sealed record FormFileDocument
{
    /// <summary>The name of the form's field.</summary>
    public required string Field { get; init; }

    /// <summary>The path on the backend, not percent-encoded.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it is new.</summary>
    public required FormOutcome Outcome { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The entity tag; null where the server tells too little.</summary>
    public required string? Etag { get; init; }

    /// <summary>The file's URL.</summary>
    public required string Location { get; init; }
}
