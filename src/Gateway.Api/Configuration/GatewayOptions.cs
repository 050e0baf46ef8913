namespace Gateway.Api.Configuration;

/// <summary>The <c>Gateway</c> section, as it is written. <see cref="GatewaySettings"/> is what becomes of it.</summary>
internal sealed class GatewayOptions
{
    /// <summary>Every backend, by the name that callers use in URLs.</summary>
    public Dictionary<string, BackendOptions> Backends { get; set; } = [];

    /// <summary>Who callers are.</summary>
    public IdentityOptions Identity { get; set; } = new();

    /// <summary>What callers may do, by grant name.</summary>
    public Dictionary<string, List<GrantRuleOptions>> Grants { get; set; } = [];

    /// <summary>Presigned links.</summary>
    public LinkOptions Links { get; set; } = new();

    /// <summary>Limits per caller.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>The surface for operators.</summary>
    public ManagementOptions Management { get; set; } = new();

    /// <summary>Which browser origins may call.</summary>
    public CrossOriginOptions Cors { get; set; } = new();

    /// <summary>Whose forwarded headers are believed.</summary>
    public ProxyOptions Proxies { get; set; } = new();

    /// <summary>How long running transfers may take to finish after SIGTERM.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromMinutes(5);
}
