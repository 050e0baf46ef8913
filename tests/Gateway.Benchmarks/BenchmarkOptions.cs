using System.Globalization;

namespace Gateway.Benchmarks;

/// <summary>What to measure.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>Counted rounds; one more before them is not counted.</summary>
    public int Rounds { get; private init; } = 5;

    /// <summary>Size of the large file.</summary>
    public int Mebibytes { get; private init; } = 1024;

    /// <summary>Where the JSON goes; null for nowhere.</summary>
    public string? JsonFile { get; private init; }

    public static BenchmarkOptions? Parse(string[] args)
    {
        var options = new BenchmarkOptions();
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var number = int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : 0;
            switch (args[i])
            {
                case "--rounds" when number > 0:
                    options = options with { Rounds = number };
                    break;
                case "--mebibytes" when number > 0:
                    options = options with { Mebibytes = number };
                    break;
                case "--json":
                    options = options with { JsonFile = args[i + 1] };
                    break;
                default:
                    return null;
            }
        }

        return args.Length % 2 == 0 ? options : null;
    }
}
