namespace Gateway.Broker.Pooling;

/// <summary>One monotonic clock for all pools of a broker: times are spans since the broker was made.</summary>
internal sealed class PoolClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TimeProvider Provider => time;

    public TimeSpan Now => time.GetElapsedTime(_start);

    public DateTimeOffset UtcNow => time.GetUtcNow();
}
