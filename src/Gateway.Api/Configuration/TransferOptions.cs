namespace Gateway.Api.Configuration;

/// <summary>The <c>Transfers</c> section of a backend.</summary>
internal sealed class TransferOptions
{
    /// <summary>Longest time for the server to answer one request.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time without progress in a transfer, on either side.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Most connections that one large transfer may use at once, where the round trip to the server is what limits it (or, in an upload to a
    /// near server, the processes of one connection: two at the most); 1: never more than one, and never another than the one it began on.
    /// </summary>
    public int ConnectionsPerTransfer { get; set; } = 8;

    /// <summary>Largest upload in bytes; null for no limit.</summary>
    public long? MaxUploadBytes { get; set; }
}
