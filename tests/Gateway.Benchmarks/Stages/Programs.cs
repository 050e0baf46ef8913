namespace Gateway.Benchmarks.Stages;

/// <summary>What this machine has.</summary>
internal static class Programs
{
    /// <summary>A peer that is not there is left out, and the report says so.</summary>
    public static bool IsInstalled(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, name)));
}
