namespace Gateway.Benchmarks.Measuring;

/// <summary>The samples of one contender in one scenario, one a round.</summary>
internal sealed record Result(string Contender, List<Sample> Samples)
{
    /// <summary>Every metric it has in every round.</summary>
    public IEnumerable<Metric> Metrics => Samples.Count == 0 ? [] : Samples[0].Figures.Keys.Where(metric => Get(metric) is not null);

    /// <summary>One metric; null where it was not measured.</summary>
    public Series? Get(Metric metric) =>
        Samples.Count > 0 && Samples.TrueForAll(sample => sample.Figures.ContainsKey(metric))
            ? new Series([.. Samples.Select(sample => sample.Figures[metric])])
            : null;
}
