namespace Gateway.Api.Configuration;

/// <summary>The <c>Links</c> section.</summary>
internal sealed class LinkOptions
{
    /// <summary>File with the key that signs links; null where there are none.</summary>
    public string? KeyFile { get; set; }

    /// <summary>File with the key before, still accepted.</summary>
    public string? PreviousKeyFile { get; set; }

    /// <summary>Longest life of a link.</summary>
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromDays(7);
}
