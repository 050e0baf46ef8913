namespace Gateway.Broker.Pooling;

/// <summary>Why a caller gets no lease.</summary>
internal enum PoolRefusalKind
{
    /// <summary>The gateway ends.</summary>
    ShuttingDown,

    /// <summary>The line is full.</summary>
    LineFull,

    /// <summary>No lease within the acquire timeout, though connections live.</summary>
    WaitedTooLong,

    /// <summary>No lease within the acquire timeout, and no connection was ever there to wait for.</summary>
    NotOpened,

    /// <summary>The breaker is open and no connection lives.</summary>
    BackendFailing,
}
