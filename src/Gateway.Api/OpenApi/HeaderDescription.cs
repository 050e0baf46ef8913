namespace Gateway.Api.OpenApi;

/// <summary>A header of an answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it tells.</param>
/// <param name="Example">A value.</param>
internal sealed record HeaderDescription(string Name, string Description, string Example);
