using System.Globalization;
using Gateway.Benchmarks.Scenarios;
using Gateway.Benchmarks.Stages;

namespace Gateway.Benchmarks;

/// <summary>What to measure.</summary>
internal sealed record BenchmarkOptions
{
    public const string Usage = """
        usage: run.sh [--scenario NAME...] [--rounds N] [--quick] [--json FILE] [--markdown FILE] [--gateway FOLDER] [--list]
        """;

    /// <summary>Names the scenarios and ends.</summary>
    public bool List { get; private init; }

    /// <summary>Counted rounds; one more before them is not counted. 0: that one is all.</summary>
    public int Rounds { get; private init; } = 5;

    /// <summary>Small sizes and the first round alone, to see that everything works.</summary>
    public bool Quick { get; private init; }

    /// <summary>Where the JSON goes; null for nowhere.</summary>
    public string? JsonFile { get; private init; }

    /// <summary>Where the tables go besides standard output; null for nowhere.</summary>
    public string? MarkdownFile { get; private init; }

    /// <summary>Where the gateway was published to.</summary>
    public string Gateway { get; private init; } = AppContext.BaseDirectory;

    /// <summary>What to measure, in the order of the table.</summary>
    public IReadOnlyList<Scenario> Scenarios { get; private init; } = AllScenarios.List;

    /// <summary>How much of it.</summary>
    public Sizes Sizes => Quick ? Sizes.Quick : Sizes.Full;

    /// <summary>Null where the command line makes no sense.</summary>
    public static BenchmarkOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new BenchmarkOptions();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var rounds = 0;
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : null;
            switch (args[i])
            {
                case "--list":
                    options = options with { List = true };
                    continue;
                case "--quick":
                    options = options with { Quick = true };
                    continue;
                case "--scenario":
                    for (; i + 1 < args.Count && !args[i + 1].StartsWith('-'); i++)
                    {
                        names.Add(args[i + 1]);
                    }

                    continue;
                case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out rounds) && rounds > 0:
                    break;
                case "--json" when value is not null:
                    options = options with { JsonFile = value };
                    break;
                case "--markdown" when value is not null:
                    options = options with { MarkdownFile = value };
                    break;
                case "--gateway" when value is not null:
                    options = options with { Gateway = value };
                    break;
                default:
                    return null;
            }

            i++;
        }

        var chosen = names.Count == 0 ? AllScenarios.List : [.. AllScenarios.List.Where(scenario => names.Remove(scenario.Name))];
        return names.Count > 0 ? null : options with { Scenarios = chosen, Rounds = rounds > 0 ? rounds : options.Quick ? 0 : options.Rounds };
    }
}
