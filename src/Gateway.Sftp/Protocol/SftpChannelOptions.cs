namespace Gateway.Sftp.Protocol;

/// <summary>Settings of one channel.</summary>
internal sealed record SftpChannelOptions
{
    /// <summary>Longest time for the server to answer one request other than READ and WRITE.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time without an answer to a READ or WRITE.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether a written file is flushed to the server's disk before it is closed, where the server can.</summary>
    public bool Fsync { get; init; }
}
