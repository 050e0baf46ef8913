namespace Gateway.Api.Configuration;

/// <summary>The <c>Links</c> section.</summary>
internal sealed class LinkOptions
{
    /// <summary>File with the key that signs links, base64 of at least 32 random bytes; null where there are no links.</summary>
    public string? KeyFile { get; set; }

    /// <summary>File with the key before: its links stay good. Without it they are revoked.</summary>
    public string? PreviousKeyFile { get; set; }

    /// <summary>Longest life of a link.</summary>
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromDays(7);
}
