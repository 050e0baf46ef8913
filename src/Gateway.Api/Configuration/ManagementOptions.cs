namespace Gateway.Api.Configuration;

/// <summary>The <c>Management</c> section.</summary>
internal sealed class ManagementOptions
{
    /// <summary>Port of the operators' surface; null where it shares the public one.</summary>
    public int? Port { get; set; }
}
