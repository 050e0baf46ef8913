namespace Gateway.Api.Links;

/// <summary>A wish for a link.</summary>
internal sealed record LinkRequestDocument
{
    /// <summary>The file, not percent-encoded. For a download it need not exist yet.</summary>
    public required string Path { get; init; }

    /// <summary><c>GET</c>, which is good for <c>HEAD</c>, too, or <c>PUT</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Seconds from now until the link is no longer good, at most <c>Links:MaxLifetime</c>.</summary>
    public required long ExpiresIn { get; init; }

    /// <summary>Of <c>PUT</c>: the largest upload, in bytes; absent or null for the backend's own limit alone.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Of <c>GET</c>: <c>attachment</c>, or <c>inline</c> where browsers may show the file; absent or null for the former.</summary>
    public string? Disposition { get; init; }

    /// <summary>Whether the link is good once. Each replica of the gateway counts for itself.</summary>
    public bool SingleUse { get; init; }
}
