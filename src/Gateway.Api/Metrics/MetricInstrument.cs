using System.Diagnostics.Metrics;

namespace Gateway.Api.Metrics;

/// <summary>Everything measured by one instrument.</summary>
internal sealed class MetricInstrument
{
    /// <summary>Most sets of tags; what comes after them is not shown, lest a caller fill the memory with new ones.</summary>
    private const int MaxSeries = 1000;

    private static readonly double[] s_bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

    private readonly Lock _lock = new();
    private readonly double[]? _histogramBounds;
    private readonly bool _isObservable;
    private volatile MetricSeries[] _series = [];

    /// <param name="instrument">The instrument.</param>
    public MetricInstrument(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        Kind = kind.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : kind.Contains("UpDown", StringComparison.Ordinal) || kind.Contains("Gauge", StringComparison.Ordinal) ? "gauge"
            : "counter";
        Name = PrometheusText.Name(instrument.Name, instrument.Unit, Kind);
        Description = instrument.Description ?? "";
        _isObservable = instrument.IsObservable || kind.StartsWith("Gauge", StringComparison.Ordinal);
        if (Kind == "histogram")
        {
            _histogramBounds = instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } advised } ? [.. advised] : s_bounds;
        }
    }

    /// <summary>Its name in Prometheus.</summary>
    public string Name { get; }

    /// <summary>Its type in Prometheus.</summary>
    public string Kind { get; }

    /// <summary>What it measures.</summary>
    public string Description { get; }

    /// <summary>Upper bounds of the buckets; null where it is no histogram.</summary>
    public IReadOnlyList<double>? Bounds => _histogramBounds;

    /// <summary>Every set of tags so far.</summary>
    public IReadOnlyList<MetricSeries> Series => _series;

    /// <summary>Takes a measurement; allocates nothing for tags that were seen before.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(tags)?.Record(value, _isObservable);

    /// <summary>Forgets what observable instruments told: they tell all of it again.</summary>
    public void Reset()
    {
        if (_isObservable)
        {
            _series = [];
        }
    }

    private MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in _series)
        {
            if (series.HasTags(tags))
            {
                return series;
            }
        }

        lock (_lock)
        {
            foreach (var series in _series)
            {
                if (series.HasTags(tags))
                {
                    return series;
                }
            }

            if (_series.Length == MaxSeries)
            {
                return null;
            }

            var added = new MetricSeries(tags.ToArray(), _histogramBounds);
            _series = [.. _series, added];
            return added;
        }
    }
}
