using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Reporting;

/// <summary>The tables.</summary>
internal static class MarkdownReport
{
    public static async Task WriteAsync(TextWriter output, BenchmarkOptions options, Machine machine, IReadOnlyList<Measured> measured)
    {
        await output.WriteLineAsync($"{machine.Date:yyyy-MM-dd}, {machine.Cores} cores ({machine.Processor}), Linux {machine.Kernel}, files in {machine.Files}; "
            + string.Join(", ", machine.Versions.Select(version => $"{version.Key} {version.Value}"))
            + $". {options.Rounds} rounds, medians (least-most).{(options.Quick ? " Quick: these figures mean nothing." : "")}\n");
        await WriteFiguresAsync(output, options, measured);
        await WriteTargetsAsync(output, measured);
    }

    private static async Task WriteFiguresAsync(TextWriter output, BenchmarkOptions options, IReadOnlyList<Measured> measured)
    {
        await output.WriteLineAsync("| scenario | contender | figure | first ÷ it | p50 / p99 ms | CPU | cores: it, load, rest | peak MiB | allocated |");
        await output.WriteLineAsync("|---|---|---|---|---|---|---|---|---|");
        foreach (var (scenario, results) in measured)
        {
            foreach (var result in results)
            {
                var isFirst = ReferenceEquals(result, results[0]);
                var headline = result.Get(scenario.Headline);
                var first = results[0].Get(scenario.Headline);
                string[] cells =
                [
                    isFirst ? scenario.Title(options.Sizes) : "",
                    result.Contender,
                    string.Join(", ", new[]
                    {
                        headline is null ? null : $"{Figure.WithSpread(headline)} {scenario.Headline.Unit}",
                        scenario.Headline == Metric.Throughput || result.Get(Metric.Median) is not null ? null : Show(result, Metric.Throughput),
                    }.OfType<string>()),
                    isFirst || headline is null || first is null ? "" : Figure.WithSpread(first.RatioTo(headline)),
                    Join(" / ", result, Metric.Median, Metric.Slowest),
                    (Show(result, Metric.Cpu) ?? Show(result, Metric.CpuPerRequest))
                        + (result.Get(Metric.ChildrenCpu) is { Median: > 0 } children ? $" (children {Figure.Format(children.Median)})" : ""),
                    Join(", ", result, Metric.ContenderCores, Metric.LoadCores, Metric.OtherCores),
                    Join(" idle ", result, Metric.PeakMemory, Metric.IdleMemory),
                    Show(result, Metric.Allocated) ?? Show(result, Metric.AllocatedPerRequest) ?? "",
                ];
                await output.WriteLineAsync("| " + string.Join(" | ", cells) + " |");
            }
        }
    }

    private static async Task WriteTargetsAsync(TextWriter output, IReadOnlyList<Measured> measured)
    {
        await output.WriteLineAsync("\n| target | wanted | measured | |");
        await output.WriteLineAsync("|---|---|---|---|");
        foreach (var target in Target.All)
        {
            if (measured.FirstOrDefault(one => one.Scenario.Name == target.Scenario) is not { } scenario)
            {
                continue;
            }

            var what = $"{target.Scenario}, {target.Metric.Name}: {target.Contender}{(target.Against is null ? "" : " ÷ " + target.Against)}";
            var wanted = target.AtLeast is { } least ? $"≥ {Figure.Format(least)}" : $"≤ {Figure.Format(target.AtMost!.Value)}";
            var unit = target.Against is null ? " " + target.Metric.Unit : "";
            var series = target.Evaluate(scenario.Results);
            await output.WriteLineAsync(series is null
                ? $"| {what} | {wanted}{unit} | a peer is not installed | |"
                : $"| {what} | {wanted}{unit} | {Figure.WithSpread(series)}{unit} | {(target.IsMet(series.Median) ? "met" : "**not met**")} |");
        }
    }

    private static string? Show(Result result, Metric metric) => result.Get(metric) is { } series ? $"{Figure.Format(series.Median)} {metric.Unit}" : null;

    private static string Join(string separator, Result result, params Metric[] metrics) =>
        string.Join(separator, metrics.Select(result.Get).OfType<Series>().Select(series => Figure.Format(series.Median)));
}
