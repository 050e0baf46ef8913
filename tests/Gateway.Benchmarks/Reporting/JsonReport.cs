using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Benchmarks.Reporting;

/// <summary>Everything, with every sample.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task WriteAsync(string file, BenchmarkOptions options, Machine machine, IReadOnlyList<Measured> measured)
    {
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(
            stream,
            new
            {
                Machine = machine,
                Options = new { options.Rounds, options.Quick, options.Sizes },
                Scenarios = measured.Select(one => new
                {
                    one.Scenario.Name,
                    Title = one.Scenario.Title(options.Sizes),
                    Headline = one.Scenario.Headline.Name,
                    LimitedBy = one.Scenario.Limit,
                    Contenders = one.Results.Select(result => new
                    {
                        Name = result.Contender,
                        Metrics = result.Metrics.ToDictionary(
                            metric => metric.Name,
                            metric =>
                            {
                                var series = result.Get(metric)!;
                                return new { metric.Unit, series.Median, series.Least, series.Most, series.Samples };
                            },
                            StringComparer.Ordinal),
                    }),
                }),
                Targets = Target.All.Select(target =>
                {
                    var series = measured.FirstOrDefault(one => one.Scenario.Name == target.Scenario) is { } scenario ? target.Evaluate(scenario.Results) : null;
                    return new
                    {
                        target.Scenario,
                        Metric = target.Metric.Name,
                        target.Contender,
                        target.Against,
                        target.AtLeast,
                        target.AtMost,
                        Measured = series?.Median,
                        series?.Samples,
                        Met = series is null ? (bool?)null : target.IsMet(series.Median),
                    };
                }),
            },
            Readable);
    }
}
