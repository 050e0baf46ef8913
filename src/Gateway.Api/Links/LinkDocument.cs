namespace Gateway.Api.Links;

/// <summary>A presigned link.</summary>
internal sealed record LinkDocument
{
    /// <summary>Names the link in the gateway's log; no secret.</summary>
    public required string Id { get; init; }

    /// <summary>The link: who has it needs no key. It is built on the host that this request was sent to, as a known proxy tells it.</summary>
    public required string Url { get; init; }

    /// <summary>The same without scheme and host: the signature is good under every name of the gateway.</summary>
    public required string Href { get; init; }

    /// <summary>The backend.</summary>
    public required string Backend { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>From when on the link is no longer good.</summary>
    public required DateTime Expires { get; init; }

    /// <summary>The largest upload, in bytes; null for the backend's own limit alone.</summary>
    public required long? MaxBytes { get; init; }

    /// <summary>How browsers treat the file; null for <c>attachment</c>.</summary>
    public required string? Disposition { get; init; }

    /// <summary>Whether the link is good once.</summary>
    public required bool SingleUse { get; init; }
}
