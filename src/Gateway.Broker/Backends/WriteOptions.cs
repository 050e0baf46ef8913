namespace Gateway.Broker.Backends;

/// <summary>How an upload treats what is there.</summary>
public sealed record WriteOptions
{
    /// <summary>False: the upload fails where the target exists, at the start and again at the commit.</summary>
    public bool Overwrite { get; init; } = true;

    /// <summary>Modification time to give the file, where the server can; null: the time of the upload.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Announced length in bytes, where known; a commit with any other length is refused.</summary>
    public long? ExpectedLength { get; init; }
}
