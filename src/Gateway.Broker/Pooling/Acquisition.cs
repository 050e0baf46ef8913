namespace Gateway.Broker.Pooling;

/// <summary>The answer to a caller: one of the three, or none where the pool was replaced and the caller looks again.</summary>
internal readonly record struct Acquisition(ConnectionLease? Lease, Waiter? Waiter = null, PoolRefusal? Refusal = null);
