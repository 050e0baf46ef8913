using System.Globalization;

namespace Gateway.Fuzz;

/// <summary>The command line.</summary>
internal sealed record FuzzOptions
{
    /// <summary>Seed of the mutations.</summary>
    public int Seed { get; private init; } = Random.Shared.Next();

    /// <summary>How long all targets together may take; null: until <see cref="Inputs"/> are through.</summary>
    public TimeSpan? Duration { get; private init; }

    /// <summary>Inputs for all targets together.</summary>
    public long? Inputs { get; private init; }

    /// <summary>The only target; null: all.</summary>
    public string? Target { get; private init; }

    /// <summary>A saved input to try once more.</summary>
    public string? Replay { get; private init; }

    /// <summary>Where inputs are saved that broke a promise.</summary>
    public string Crashes { get; private init; } = Path.Combine(Path.GetTempPath(), "gateway-fuzz");

    /// <returns>Null where it cannot be understood.</returns>
    public static FuzzOptions? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new FuzzOptions();
        for (; !arguments.IsEmpty; arguments = arguments[2..])
        {
            if (arguments.Length < 2)
            {
                return null;
            }

            var value = arguments[1];
            var number = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
            switch (arguments[0])
            {
                case "--seed" when number is >= 0 and <= int.MaxValue:
                    options = options with { Seed = (int)number };
                    break;
                case "--seconds" when number > 0:
                    options = options with { Duration = TimeSpan.FromSeconds(number) };
                    break;
                case "--inputs" when number > 0:
                    options = options with { Inputs = number };
                    break;
                case "--target":
                    options = options with { Target = value };
                    break;
                case "--replay":
                    options = options with { Replay = value };
                    break;
                case "--crashes":
                    options = options with { Crashes = value };
                    break;
                default:
                    return null;
            }
        }

        return options.Duration is null && options.Inputs is null ? options with { Duration = TimeSpan.FromSeconds(60) } : options;
    }
}
