namespace Gateway.Broker.Pooling;

/// <summary>State of a backend's circuit breaker.</summary>
public enum CircuitState
{
    /// <summary>Connections are opened as needed.</summary>
    Closed,

    /// <summary>The backend failed lately: callers get the cause at once, nothing is opened.</summary>
    Open,

    /// <summary>One trial connection decides.</summary>
    HalfOpen,
}
