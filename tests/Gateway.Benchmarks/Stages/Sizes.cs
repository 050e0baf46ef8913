namespace Gateway.Benchmarks.Stages;

/// <summary>How much is transferred and asked for.</summary>
internal sealed record Sizes
{
    public const int SmallFile = 4096;
    public const int FewEntries = 20;

    /// <summary>As the table of the README has them.</summary>
    public static readonly Sizes Full = new();

    /// <summary>Just enough to see that everything works.</summary>
    public static readonly Sizes Quick = new()
    {
        Large = 8, Far = 2, Medium = 1, Parallel = 4, SmallFor = TimeSpan.FromMilliseconds(100), Callers = 8, ManyEntries = 300, Transfers = 20, SlowReaders = 8,
        Settle = TimeSpan.FromMilliseconds(300),
    };

    /// <summary>Size of the large file in MiB.</summary>
    public int Large { get; init; } = 1024;

    /// <summary>Size of the file that goes over the long way, in MiB.</summary>
    public int Far { get; init; } = 256;

    /// <summary>Size of the file that many ask for at once, in MiB.</summary>
    public int Medium { get; init; } = 32;

    /// <summary>How many ask for it at once.</summary>
    public int Parallel { get; init; } = 32;

    /// <summary>How long small files are asked for.</summary>
    public TimeSpan SmallFor { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>By how many at once.</summary>
    public int Callers { get; init; } = 64;

    /// <summary>Files in the large folder.</summary>
    public int ManyEntries { get; init; } = 10_000;

    /// <summary>Transfers at once when memory is looked at.</summary>
    public int Transfers { get; init; } = 200;

    /// <summary>Callers that take little and seldom.</summary>
    public int SlowReaders { get; init; } = 64;

    /// <summary>How long memory is left to settle before it is looked at.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);
}
