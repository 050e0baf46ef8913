namespace Gateway.Api.OpenApi;

/// <summary>A body.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Description">What it is.</param>
/// <param name="Type">The document; null for bytes.</param>
/// <param name="Example">An example, as JSON.</param>
internal sealed record BodyDescription(string ContentType, string Description, Type? Type = null, string? Example = null);
