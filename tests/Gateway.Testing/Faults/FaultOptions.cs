namespace Gateway.Testing.Faults;

/// <summary>How a run of faults under load goes.</summary>
public sealed record FaultOptions
{
    /// <summary>Chooses everything that is random. The load's timing is not in it: a seed repeats the faults, not the microseconds.</summary>
    public required int Seed { get; init; }

    /// <summary>Callers on each backend.</summary>
    public int Callers { get; init; } = 8;

    /// <summary>How long the load runs before everything is healed and checked.</summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many rounds, unless <see cref="Duration"/> says how long.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>How long all rounds take together; null: as long as <see cref="Rounds"/> do.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The longest time a fault lasts.</summary>
    public TimeSpan LongestFault { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>The size of the file that all callers read, and of the largest uploads.</summary>
    public int LargeSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Called every <see cref="ProgressInterval"/>.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>How often progress is told.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where the gateway's log goes at the end; null: nowhere.</summary>
    public string? LogFile { get; init; }
}
