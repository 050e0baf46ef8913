namespace Gateway.Broker.Pooling;

/// <summary>
/// Growing delays between attempts that fail. Jitter only ever adds (up to a fifth), so that a delay is also a promise of how
/// rarely a server is asked.
/// </summary>
/// <param name="First">After the first failure.</param>
/// <param name="Factor">Growth from one failure to the next.</param>
/// <param name="Cap">The longest, before jitter.</param>
internal readonly record struct RetrySchedule(TimeSpan First, double Factor, TimeSpan Cap)
{
    private const double Jitter = 0.2;

    /// <param name="failures">Failures in a row so far, at least 1.</param>
    /// <param name="random">Source of the jitter.</param>
    public TimeSpan GetDelay(int failures, Random random)
    {
        // The exponent is bounded before the power: an outage of a week must not overflow.
        var delay = First * Math.Pow(Factor, Math.Min(failures - 1, 40));
        return (delay < Cap ? delay : Cap) * (1 + (Jitter * random.NextDouble()));
    }
}
