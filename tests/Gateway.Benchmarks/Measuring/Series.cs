namespace Gateway.Benchmarks.Measuring;

/// <summary>One figure, round by round.</summary>
internal sealed record Series(IReadOnlyList<double> Samples)
{
    public double Median => MedianOf(Samples);

    public double Least => Samples.Min();

    public double Most => Samples.Max();

    /// <summary>The ratios round by round: what disturbs one round disturbs both sides of its ratio.</summary>
    public Series RatioTo(Series other) => new([.. Samples.Zip(other.Samples, (mine, theirs) => theirs == 0 ? 0 : mine / theirs)]);

    private static double MedianOf(IReadOnlyList<double> samples)
    {
        var sorted = samples.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
