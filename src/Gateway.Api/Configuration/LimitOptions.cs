namespace Gateway.Api.Configuration;

/// <summary>The <c>Limits</c> section: per caller, where null is no limit, and for all of them together.</summary>
internal sealed class LimitOptions
{
    /// <summary>Requests a minute.</summary>
    public int? RequestsPerMinute { get; set; }

    /// <summary>Transfers at once.</summary>
    public int? ConcurrentTransfers { get; set; }

    /// <summary>Bytes a second.</summary>
    public long? BytesPerSecond { get; set; }

    /// <summary>Transfers at once, of all callers.</summary>
    public int MaxTransfers { get; set; } = 1000;

    /// <summary>Connections without a request under way, of all callers; beyond it the oldest are closed.</summary>
    public int MaxIdleConnections { get; set; } = 2000;
}
