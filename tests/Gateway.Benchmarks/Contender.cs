namespace Gateway.Benchmarks;

/// <summary>One of those who are measured side by side.</summary>
/// <param name="Name">For the table.</param>
/// <param name="MeasureAsync">Does the job once and gives its figure, larger is better.</param>
internal sealed record Contender(string Name, Func<Task<double>> MeasureAsync);
