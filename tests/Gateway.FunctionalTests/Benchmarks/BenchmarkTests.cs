using System.Text.Json;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Benchmarks;

/// <summary>The benchmark still measures everything. How fast anything is says nothing here: the machine is busy with other tests.</summary>
public sealed class BenchmarkTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Gateway.Benchmarks.dll");

    [Fact]
    public async Task Every_scenario_is_measured_with_every_peer_that_is_installed()
    {
        await ServerPackages.EnsureAsync("rclone");
        using var folder = new TempFolder();
        var names = (await Command.RunAsync("dotnet", [Program, "--list"])).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')[0]).ToList();
        var tables = await Command.RunAsync("dotnet", [Program, "--quick", "--json", folder["figures.json"]]);
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(folder["figures.json"]));
        var machine = json.RootElement.GetProperty("machine");
        var scenarios = json.RootElement.GetProperty("scenarios").EnumerateArray().ToList();

        Assert.Equal(Environment.ProcessorCount, machine.GetProperty("cores").GetInt32());
        Assert.All(["gateway", ".NET", "OpenSSH", "rclone"], program => Assert.NotEmpty(machine.GetProperty("versions").GetProperty(program).GetString()!));
        Assert.NotEmpty(names);
        Assert.Equal(names, scenarios.Select(scenario => scenario.GetProperty("name").GetString()));
        Assert.All(scenarios, scenario => Assert.Contains(scenario.GetProperty("title").GetString()!, tables, StringComparison.Ordinal));
        Assert.All(scenarios, AssertMeasured);

        var missing = machine.GetProperty("missing").EnumerateArray().Select(name => name.GetString()!).ToList();
        Assert.All(json.RootElement.GetProperty("targets").EnumerateArray(), target => Assert.True(
            target.GetProperty("measured").ValueKind == JsonValueKind.Number
            || missing.Exists(peer => target.GetProperty("against").GetString()!.StartsWith(peer, StringComparison.Ordinal)),
            target.ToString()));
    }

    private static void AssertMeasured(JsonElement scenario)
    {
        var contenders = scenario.GetProperty("contenders").EnumerateArray().ToList();
        Assert.StartsWith("gateway", contenders[0].GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.True(contenders.Count > 1, "Nobody to compare with: " + scenario);
        Assert.All(contenders, contender =>
        {
            var figure = contender.GetProperty("metrics").GetProperty(scenario.GetProperty("headline").GetString()!);
            Assert.NotEmpty(figure.GetProperty("unit").GetString()!);
            Assert.All(figure.GetProperty("samples").EnumerateArray(), sample => Assert.True(double.IsFinite(sample.GetDouble()) && sample.GetDouble() >= 0));
            Assert.NotEqual(0, figure.GetProperty("samples").GetArrayLength());
        });
    }
}
