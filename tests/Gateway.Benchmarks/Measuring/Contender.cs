namespace Gateway.Benchmarks.Measuring;

/// <summary>One of those who are measured side by side.</summary>
/// <param name="Name">For the table; unique in its scenario.</param>
/// <param name="MeasureAsync">Does the job once. Given true it also checks the content of what was transferred, and its figures do not count.</param>
internal sealed record Contender(string Name, Func<bool, Task<Sample>> MeasureAsync);
