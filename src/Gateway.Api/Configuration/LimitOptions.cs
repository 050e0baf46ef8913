namespace Gateway.Api.Configuration;

/// <summary>The <c>Limits</c> section, per caller; null for no limit.</summary>
internal sealed class LimitOptions
{
    /// <summary>Requests a minute.</summary>
    public int? RequestsPerMinute { get; set; }

    /// <summary>Transfers at once.</summary>
    public int? ConcurrentTransfers { get; set; }

    /// <summary>Bytes a second.</summary>
    public long? BytesPerSecond { get; set; }
}
