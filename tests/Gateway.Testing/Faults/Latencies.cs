using System.Diagnostics;
using System.Globalization;

namespace Gateway.Testing.Faults;

/// <summary>How long requests took. Safe for many callers.</summary>
public sealed class Latencies
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _times = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _times.Count;
            }
        }
    }

    /// <summary>The longest; zero where there is none.</summary>
    public TimeSpan Longest => Get(1);

    /// <summary>The one in the middle.</summary>
    public TimeSpan Median => Get(0.5);

    /// <summary>Adds the time since <paramref name="start"/>, of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public TimeSpan AddSince(long start)
    {
        var time = Stopwatch.GetElapsedTime(start);
        lock (_lock)
        {
            _times.Add(time);
        }

        return time;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Count} requests: median {Median.TotalMilliseconds:0.0} ms, 95 % {Get(0.95).TotalMilliseconds:0.0} ms, longest {Longest.TotalMilliseconds:0} ms");

    private TimeSpan Get(double share)
    {
        lock (_lock)
        {
            return _times.Count == 0 ? TimeSpan.Zero : _times.Order().ElementAt((int)((_times.Count - 1) * share));
        }
    }
}
