namespace Gateway.Api.Forms;

/// <summary>A form with files, for the description alone: the body is read part by part.</summary>
internal sealed record FormUploadDocument
{
    /// <summary>The files; the field may have any name.</summary>
    public required IFormFileCollection Files { get; init; }
}
