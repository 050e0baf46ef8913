using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary>The dashboard and the alert rules in <c>deploy/dashboards</c> ask for what <c>/metrics</c> has.</summary>
public sealed partial class DashboardTests
{
    [Fact]
    public async Task Every_metric_and_label_that_is_asked_for_exists()
    {
        var (metrics, labels) = await ReadNamesAsync();
        var queries = ReadDashboard().Concat(ReadAlerts()).ToList();

        Assert.True(queries.Count > 25);
        foreach (var query in queries)
        {
            var rest = query;
            foreach (Match selector in Selectors().Matches(query))
            {
                foreach (Match matcher in Matchers().Matches(selector.Value))
                {
                    Assert.True(labels.Contains(matcher.Groups[1].Value), $"There is no label {matcher.Groups[1].Value}: {query}");
                }

                rest = rest.Replace(selector.Value, " ", StringComparison.Ordinal);
            }

            foreach (Match grouping in Groupings().Matches(rest))
            {
                foreach (var label in grouping.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
                {
                    Assert.True(labels.Contains(label), $"There is no label {label}: {query}");
                }

                rest = rest.Replace(grouping.Value, " ", StringComparison.Ordinal);
            }

            var asked = Metrics().Matches(rest).Select(match => match.Value).ToList();
            Assert.NotEmpty(asked);
            Assert.All(asked, name => Assert.True(metrics.Contains(name), $"There is no metric {name}: {query}"));
        }
    }

    [Fact]
    public void Each_alert_says_what_to_do()
    {
        var alerts = File.ReadAllText(PathOf("alerts.yaml")).Split("- alert: ")[1..];
        foreach (var name in new[] { "GatewayPoolExhausted", "GatewayNothingIdle", "GatewayCircuitOpen", "GatewayLeaseLeaked" })
        {
            Assert.Contains(alerts, alert => alert.StartsWith(name + "\n", StringComparison.Ordinal));
        }

        Assert.All(alerts, alert => Assert.Matches(@"(?s)severity: (critical|warning).*summary: .+\n.*description: .+", alert));
    }

    /// <summary>Those of a gateway to which everything happened once that is counted.</summary>
    private static async Task<(HashSet<string> Metrics, HashSet<string> Labels)> ReadNamesAsync()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await gateway.Host.WaitUntilReadyAsync();
        using var put = await gateway.PutAsync("files/a", "hello");
        var failed = 0;
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.OpenRead && Interlocked.Exchange(ref failed, 1) == 0
            ? throw new BackendException(BackendError.ConnectionLost, "Lost.")
            : default;
        using var repeated = await gateway.GetAsync("files/a");
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.Open ? throw new BackendException(BackendError.AuthenticationFailed, "No.") : default;
        gateway.Backend.LoseConnections();
        await Eventually.HoldsAsync(async () =>
        {
            using var refused = await gateway.GetAsync("files/a");
            return !refused.IsSuccessStatusCode;
        });

        using var response = await gateway.GetAsync("/metrics");
        var text = await response.Content.ReadAsStringAsync();
        var samples = text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToList();
        var labels = samples.SelectMany(line => Matchers().Matches(line).Select(match => match.Groups[1].Value)).ToHashSet(StringComparer.Ordinal);

        // What Prometheus adds itself.
        labels.Add("instance");
        return (samples.Select(line => line.Split('{', ' ')[0]).ToHashSet(StringComparer.Ordinal), labels);
    }

    private static IEnumerable<string> ReadDashboard()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(PathOf("gateway.json")));
        foreach (var panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
        {
            foreach (var target in panel.GetProperty("targets").EnumerateArray())
            {
                yield return target.GetProperty("expr").GetString()!;
            }
        }
    }

    private static IEnumerable<string> ReadAlerts() =>
        AlertExpressions().Matches(File.ReadAllText(PathOf("alerts.yaml"))).Select(match => match.Groups[1].Value);

    private static string PathOf(string name) => Path.Combine(Repository.Root, "deploy", "dashboards", name);

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Selectors();

    [GeneratedRegex("""([a-z_]+)\s*(?:=~|!=|!~|=)\s*["]""")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\b(?:by|on|without|ignoring) \(([^)]*)\)")]
    private static partial Regex Groupings();

    [GeneratedRegex(@"\b(?:gateway|http|kestrel|dotnet|process)_[a-z_]+")]
    private static partial Regex Metrics();

    [GeneratedRegex(@"\n +expr: (?:>-\n)?((?:.+\n?)+?)(?= +for: | +labels: )")]
    private static partial Regex AlertExpressions();
}
