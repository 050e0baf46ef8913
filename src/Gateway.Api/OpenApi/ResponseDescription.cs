namespace Gateway.Api.OpenApi;

/// <summary>One answer.</summary>
/// <param name="Status">The status.</param>
/// <param name="Description">When.</param>
/// <param name="Headers">Its headers.</param>
internal sealed record ResponseDescription(int Status, string Description, params IReadOnlyList<HeaderDescription> Headers)
{
    /// <summary>Its bodies, one for each media type; empty for none.</summary>
    public IReadOnlyList<BodyDescription> Bodies { get; init; } = [];
}
