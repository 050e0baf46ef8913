namespace Gateway.Api.Forms;

/// <summary>The files of a form, all stored.</summary>
internal sealed record FormDocument
{
    /// <summary>The backend.</summary>
    public required string Backend { get; init; }

    /// <summary>The folder.</summary>
    public required string Path { get; init; }

    /// <summary>The files, in the order of the form.</summary>
    public required IReadOnlyList<FormFileDocument> Files { get; init; }
}
