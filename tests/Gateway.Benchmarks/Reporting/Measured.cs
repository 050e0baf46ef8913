using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Scenarios;

namespace Gateway.Benchmarks.Reporting;

/// <summary>A scenario with what its contenders showed.</summary>
internal sealed record Measured(Scenario Scenario, IReadOnlyList<Result> Results);
