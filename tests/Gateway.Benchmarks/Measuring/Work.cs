using System.Diagnostics;

namespace Gateway.Benchmarks.Measuring;

/// <summary>A job that was done.</summary>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Bytes">Of bodies.</param>
/// <param name="Latencies">Of each request, in milliseconds; empty where there is one large transfer alone.</param>
/// <param name="FirstByte">Of the first request, in milliseconds; 0 where nobody looked.</param>
internal sealed record Work(TimeSpan Elapsed, long Bytes, IReadOnlyList<double> Latencies, double FirstByte = 0)
{
    public static double MillisecondsSince(long timestamp) => Stopwatch.GetElapsedTime(timestamp).TotalMilliseconds;

    /// <summary>The latency that this share of the requests stayed below.</summary>
    public double GetPercentile(double share)
    {
        var sorted = Latencies.Order().ToArray();
        return sorted[Math.Min((int)(share * sorted.Length), sorted.Length - 1)];
    }
}
