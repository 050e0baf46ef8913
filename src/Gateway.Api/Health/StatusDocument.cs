namespace Gateway.Api.Health;

/// <summary>The short answer of <c>/health/live</c> and <c>/health/ready</c>.</summary>
/// <param name="Status"><c>pass</c> or <c>fail</c>.</param>
/// <param name="Detail">Why not; null for pass.</param>
internal sealed record StatusDocument(string Status, string? Detail);
