using System.Globalization;
using System.Text.Json;

namespace Gateway.Benchmarks;

/// <summary>The table and the JSON.</summary>
internal sealed class Report(BenchmarkOptions options)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<(string Scenario, string Unit, IReadOnlyList<Result> Results)> _rows = [];

    public void Add(string scenario, string unit, IReadOnlyList<Result> results) => _rows.Add((scenario, unit, results));

    public void Print(TextWriter output)
    {
        output.WriteLine("| scenario | contender | median | min–max | gateway ÷ it |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (var (scenario, unit, results) in _rows)
        {
            foreach (var result in results)
            {
                var ratio = ReferenceEquals(result, results[0]) ? "" : results[0].RatioTo(result).ToString("0.00", CultureInfo.InvariantCulture);
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {scenario} | {result.Contender} | {result.Median:0} {unit} | {result.Figures.Min():0}–{result.Figures.Max():0} | {ratio} |"));
            }
        }
    }

    public async Task WriteJsonAsync()
    {
        if (options.JsonFile is null)
        {
            return;
        }

        await using var file = File.Create(options.JsonFile);
        await JsonSerializer.SerializeAsync(
            file,
            _rows.Select(row => new
            {
                row.Scenario,
                row.Unit,
                Results = row.Results.Select(result => new { result.Contender, result.Median, result.Figures, Ratio = row.Results[0].RatioTo(result) }),
            }),
            Indented);
    }
}
