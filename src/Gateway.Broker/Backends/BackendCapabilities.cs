namespace Gateway.Broker.Backends;

/// <summary>What one server can do, learned when a connection was opened.</summary>
public sealed record BackendCapabilities
{
    /// <summary>A rename replaces an existing target in one step, so that readers see the old or the new file, never none.</summary>
    public bool AtomicReplace { get; init; }

    /// <summary>A rename can be told not to replace an existing target, in one step.</summary>
    public bool AtomicCreate { get; init; }

    /// <summary>The modification time of a file can be set.</summary>
    public bool SetModified { get; init; }

    /// <summary>Permission bits can be set.</summary>
    public bool SetPermissions { get; init; }

    /// <summary>Uploaded bytes are flushed to the server's disk before an upload is committed.</summary>
    public bool Fsync { get; init; }

    /// <summary>The server can copy a file by itself.</summary>
    public bool ServerSideCopy { get; init; }

    /// <summary>Symbolic links are told from what they point to, and are resolved before use to keep callers below the root.</summary>
    public bool ResolvesSymlinks { get; init; }

    /// <summary>Listings carry exact sizes and times (an FTP server without MLSD gives times to the minute).</summary>
    public bool ExactListings { get; init; }
}
