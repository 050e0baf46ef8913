namespace Gateway.Api.Limits;

/// <summary>The limits in force. Null: no limit.</summary>
/// <param name="RequestsPerMinute">Of one caller: as many at once, then as they come back, one by one.</param>
/// <param name="ConcurrentTransfers">Of one caller.</param>
/// <param name="BytesPerSecond">Of one caller, over all its transfers, in both directions together.</param>
/// <param name="MaxTransfers">Of all callers together.</param>
/// <param name="MaxIdleConnections">Connections of all callers together on which no request is under way.</param>
internal sealed record LimitSettings(int? RequestsPerMinute, int? ConcurrentTransfers, long? BytesPerSecond, int MaxTransfers, int MaxIdleConnections);
