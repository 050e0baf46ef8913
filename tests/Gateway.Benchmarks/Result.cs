namespace Gateway.Benchmarks;

/// <summary>The figures of one contender in one scenario, one a round.</summary>
internal sealed record Result(string Contender, List<double> Figures)
{
    public double Median => MedianOf(Figures);

    /// <summary>The median of the ratios round by round.</summary>
    public double RatioTo(Result other) => MedianOf([.. Figures.Zip(other.Figures, (mine, theirs) => mine / theirs)]);

    private static double MedianOf(IReadOnlyCollection<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
