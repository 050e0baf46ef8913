namespace Gateway.Api.Configuration;

/// <summary>The <c>Proxies</c> section.</summary>
internal sealed class ProxyOptions
{
    /// <summary>Addresses (<c>10.0.0.7</c>) and networks (<c>10.0.0.0/8</c>) whose <c>X-Forwarded-*</c> headers are believed.</summary>
    public List<string> Known { get; set; } = [];
}
