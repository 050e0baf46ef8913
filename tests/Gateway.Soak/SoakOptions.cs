using System.Globalization;

namespace Gateway.Soak;

/// <summary>What to do, and for how long.</summary>
internal sealed record SoakOptions
{
    /// <summary>How long.</summary>
    public TimeSpan Duration { get; private init; } = TimeSpan.FromMinutes(10);

    /// <summary>Chooses the faults.</summary>
    public int Seed { get; private init; } = Random.Shared.Next(100_000);

    /// <summary><c>sftp</c>, <c>ftps</c> or <c>both</c>.</summary>
    public string Backend { get; private init; } = "both";

    /// <summary><c>faults</c>, <c>slow-clients</c> or <c>wrong-password</c>.</summary>
    public string Scenario { get; private init; } = "faults";

    /// <summary>Where the gateway's log goes at the end; null: nowhere.</summary>
    public string? LogFile { get; private init; }

    /// <summary>Reads the command line; null where it is wrong.</summary>
    public static SoakOptions? Parse(string[] args)
    {
        var options = new SoakOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            if (double.TryParse(args[i], CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and < 10_000)
            {
                options = options with { Duration = TimeSpan.FromMinutes(minutes) };
                continue;
            }

            i++;
            switch (args[i - 1])
            {
                case "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                case "--backend" when value is "sftp" or "ftps" or "both":
                    options = options with { Backend = value };
                    break;
                case "--log" when value.Length > 0:
                    options = options with { LogFile = Path.GetFullPath(value) };
                    break;
                case "--scenario" when value is "faults" or "slow-clients" or "wrong-password":
                    options = options with { Scenario = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
