namespace Gateway.Api.Backends;

/// <summary>What is configured.</summary>
/// <param name="Backends">Every backend, by name.</param>
internal sealed record BackendsDocument(IReadOnlyList<BackendDocument> Backends);
