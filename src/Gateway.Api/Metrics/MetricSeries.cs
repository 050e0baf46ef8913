namespace Gateway.Api.Metrics;

/// <summary>One instrument with one set of tags.</summary>
/// <param name="tags">The tags.</param>
/// <param name="bounds">Upper bounds of a histogram's buckets; null for anything else.</param>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, double[]? bounds)
{
    private readonly Lock _lock = new();
    private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Length + 1];
    private double _value;
    private long _count;

    /// <summary>The tags.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Tags => tags;

    /// <summary>Whether this is the series of <paramref name="other"/>.</summary>
    public bool HasTags(ReadOnlySpan<KeyValuePair<string, object?>> other)
    {
        if (other.Length != tags.Length)
        {
            return false;
        }

        for (var i = 0; i < tags.Length; i++)
        {
            if (!string.Equals(tags[i].Key, other[i].Key, StringComparison.Ordinal) || !Equals(tags[i].Value, other[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes a measurement.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isTotal">Whether it replaces the value instead of adding to it.</param>
    public void Record(double value, bool isTotal)
    {
        lock (_lock)
        {
            _value = isTotal ? value : _value + value;
            _count++;
            if (_buckets is not null)
            {
                var at = Array.BinarySearch(bounds!, value);
                _buckets[at >= 0 ? at : ~at]++;
            }
        }
    }

    /// <summary>The value (of a histogram: the sum), how many measurements, and how many in each bucket.</summary>
    public (double Value, long Count, long[]? Buckets) Read()
    {
        lock (_lock)
        {
            return (_value, _count, (long[]?)_buckets?.Clone());
        }
    }
}
