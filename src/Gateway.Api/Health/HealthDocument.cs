namespace Gateway.Api.Health;

/// <summary>The gateway and every pool.</summary>
/// <param name="Status"><c>pass</c>; <c>warn</c> where some backend fails; <c>fail</c> where every one does, or the gateway stops.</param>
/// <param name="Backends">The backends by name.</param>
internal sealed record HealthDocument(string Status, IReadOnlyDictionary<string, BackendHealthDocument> Backends);
