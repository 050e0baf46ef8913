namespace Gateway.Broker.Backends;

/// <summary>How an upload treats what is there.</summary>
public sealed record WriteOptions
{
    /// <summary>False: the upload fails where the target exists, at the start and again at the commit.</summary>
    public bool Overwrite { get; init; } = true;

    /// <summary>Modification time to give the file, where the server can; null: the time of the upload.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>
    /// Asked at the commit, when every byte is stored and right before the rename, with what is at the target then (null: nothing; of a
    /// link what it points to). False ends the commit with <see cref="BackendError.PreconditionFailed"/>. Between the look and the
    /// rename another client of the server can still come in: neither SFTP nor FTP has a way to do both at once.
    /// </summary>
    public Func<RemoteEntry?, bool>? MayReplace { get; init; }

    /// <summary>Announced length in bytes, where known; a commit with any other length is refused.</summary>
    public long? ExpectedLength { get; init; }
}
