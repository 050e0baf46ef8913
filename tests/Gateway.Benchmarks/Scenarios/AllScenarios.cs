namespace Gateway.Benchmarks.Scenarios;

/// <summary>What can be measured.</summary>
internal static class AllScenarios
{
    public static IReadOnlyList<Scenario> List { get; } = [.. BulkScenarios.All, .. RequestScenarios.All, .. LifeScenarios.All];
}
