namespace Gateway.Api.Configuration;

/// <summary>The <c>Listing</c> section of a backend.</summary>
internal sealed class ListingOptions
{
    /// <summary>How long a folder's listing may be answered from memory; zero for never.</summary>
    public TimeSpan CacheDuration { get; set; } = TimeSpan.FromSeconds(2);
}
