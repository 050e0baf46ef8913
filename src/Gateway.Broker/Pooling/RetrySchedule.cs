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
        // In seconds, as a double: an outage of a week makes a number that no TimeSpan holds.
        var seconds = Math.Min(First.TotalSeconds * Math.Pow(Factor, failures - 1), Cap.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (1 + (Jitter * random.NextDouble())));
    }
}
