namespace Gateway.Benchmarks.Measuring;

/// <summary>What one contender showed in one round.</summary>
internal sealed class Sample
{
    private readonly Dictionary<Metric, double> _figures = [];

    public IReadOnlyDictionary<Metric, double> Figures => _figures;

    public Sample With(Metric metric, double figure)
    {
        _figures[metric] = figure;
        return this;
    }
}
