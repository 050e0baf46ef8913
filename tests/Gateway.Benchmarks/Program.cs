using Gateway.Benchmarks;

var options = BenchmarkOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine("usage: run.sh [--rounds N] [--mebibytes N] [--json FILE]");
    return 2;
}

await using var stage = await Stage.StartAsync(options);
var report = new Report(options);
foreach (var scenario in Scenarios.All(stage))
{
    Console.Error.WriteLine(scenario.Name);
    report.Add(scenario.Name, scenario.Unit, await scenario.RunAsync(options.Rounds));
}

report.Print(Console.Out);
await report.WriteJsonAsync();
return 0;
