using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Stages;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>One job that several contenders do.</summary>
/// <param name="Name">For the command line and the JSON.</param>
/// <param name="Title">For the table; given the sizes.</param>
/// <param name="Headline">The metric that contenders are compared by.</param>
/// <param name="Limit">What the figure is limited by.</param>
/// <param name="PrepareAsync">Starts the contenders; the gateway first.</param>
internal sealed record Scenario(
    string Name, Func<Sizes, string> Title, Metric Headline, string Limit, Func<Cast, Task<IReadOnlyList<Contender>>> PrepareAsync);
