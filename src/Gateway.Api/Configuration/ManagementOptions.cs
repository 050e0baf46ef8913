namespace Gateway.Api.Configuration;

/// <summary>The <c>Management</c> section.</summary>
internal sealed class ManagementOptions
{
    /// <summary>Port on which <c>/health</c>, <c>/metrics</c> and <c>/swagger</c> answer, and nothing else does; null where they share the public one.</summary>
    public int? Port { get; set; }
}
