using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>The last failure a pool met while opening or keeping connections.</summary>
/// <param name="Error">Its class.</param>
/// <param name="Detail">A sentence safe to show.</param>
/// <param name="At">When, UTC.</param>
public sealed record PoolFailure(BackendError Error, string Detail, DateTimeOffset At);
