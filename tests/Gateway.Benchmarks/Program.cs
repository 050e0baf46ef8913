using Gateway.Benchmarks;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Reporting;
using Gateway.Benchmarks.Stages;

var options = BenchmarkOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(BenchmarkOptions.Usage);
    return 2;
}

if (options.List)
{
    foreach (var scenario in options.Scenarios)
    {
        Console.WriteLine($"{scenario.Name,-20} {scenario.Title(options.Sizes)}");
    }

    return 0;
}

await using var stage = await Stage.StartAsync(options.Sizes);
var machine = await Machine.DescribeAsync(TimeProvider.System, stage);
foreach (var peer in machine.Missing)
{
    Console.Error.WriteLine($"{peer} is not installed and is left out: tests/servers.sh {peer}");
}

var measured = new List<Measured>();
foreach (var scenario in options.Scenarios)
{
    Console.Error.WriteLine(scenario.Title(options.Sizes));
    await using var cast = new Cast(stage, options.Gateway);
    measured.Add(new Measured(scenario, await Rounds.RunAsync(await scenario.PrepareAsync(cast), options.Rounds, (round, contender, sample) => Console.Error.WriteLine(
        $"  {round}  {contender}: {(sample.Figures.TryGetValue(scenario.Headline, out var figure) ? Figure.Format(figure) : "-")} {scenario.Headline.Unit}"))));
    // After each: what was measured is kept when the run is interrupted.
    if (options.MarkdownFile is { } markdown)
    {
        await using var file = new StreamWriter(markdown);
        await MarkdownReport.WriteAsync(file, options, machine, measured);
    }

    if (options.JsonFile is { } json)
    {
        await JsonReport.WriteAsync(json, options, machine, measured);
    }
}

await MarkdownReport.WriteAsync(Console.Out, options, machine, measured);
return 0;
