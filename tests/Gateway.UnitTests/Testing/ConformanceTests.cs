using System.Text.RegularExpressions;
using Gateway.Testing;

namespace Gateway.UnitTests.Testing;

/// <summary>The conformance list names tests that exist.</summary>
public sealed partial class ConformanceTests
{
    [Fact]
    public void Every_sentence_has_a_test_that_exists()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Methods().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups[1].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "CONFORMANCE.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| section", StringComparison.Ordinal))
            .ToList();

        Assert.True(rows.Count > 50);
        foreach (var row in rows)
        {
            var columns = row.Trim('|', ' ').Split(" | ");
            Assert.True(columns.Length == 3, "Not three columns: " + row);
            var names = Names().Matches(columns[2]).Select(match => match.Groups[1].Value).ToList();
            Assert.True(names.Count > 0, "No test: " + row);
            Assert.All(names, name => Assert.True(tests.Contains(name), $"There is no test {name}: {row}"));
        }
    }

    [GeneratedRegex(@"\[(?:Fact|Theory)\b[^\n]*\n(?:\s*(?:\[|//)[^\n]*\n)*\s*public (?:static )?(?:async )?(?:Task|ValueTask|void) (\w+)\(")]
    private static partial Regex Methods();

    [GeneratedRegex("`([A-Za-z0-9]+\\.[A-Za-z0-9_]+)`")]
    private static partial Regex Names();
}
