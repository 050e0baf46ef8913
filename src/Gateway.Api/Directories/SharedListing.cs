namespace Gateway.Api.Directories;

/// <summary>A listing under way, and how many wait for it.</summary>
internal sealed class SharedListing
{
    /// <summary>Callers that wait.</summary>
    public int Callers { get; set; } = 1;

    /// <summary>Fires when none is left.</summary>
    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>The listing.</summary>
    public Task<ListingTable> Task { get; set; } = null!;
}
