using System.Text.RegularExpressions;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Names that are made to forge or hide a line of the log, on a real server and the real console.</summary>
public sealed class AuditServerTests
{
    private static readonly string[] s_names =
    [
        "a\" status=200 caller=\"root", "\u202egnp.exe", "\u2028outcome=completed", "\u0085next", "tab\u2066x", "100% \\u000a", "文字 ü", "😀", "\u200b", "a=b c=d", "'", "\uFEFFbom",
    ];

    [Fact]
    public async Task A_hostile_name_stays_in_its_field()
    {
        await using var server = await SshServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(GatewayEnvironment.For(server, "real"));
        foreach (var name in s_names)
        {
            using var response = await Api.PutAsync(gateway.Client, Api.Files("real", name), [1]);
        }

        foreach (var raw in new[] { "a%0aforged%20outcome=completed", "%1b[2K", "%ff%fe", "a%00", "%E2%80%AE" })
        {
            using var response = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, Raw(gateway, "/v1/backends/real/files/" + raw)));
        }

        await Eventually.HoldsAsync(() => Lines(gateway).Count == s_names.Length + 4);
        gateway.Terminate();
        await gateway.WaitForExitAsync();

        // As many lines as operations (Kestrel refuses the NUL before it is one), and each with every field once.
        var lines = Lines(gateway);
        Assert.Equal(s_names.Length + 4, lines.Count);
        Assert.All(lines, line =>
        {
            Assert.DoesNotContain(line, c => char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);
            Assert.Matches("^[^\"]*caller=\"[^\"]*\"[^\"]*path=\"[^\"]*\"[^\"]*target=\"[^\"]*\"[^\"]*$", line);
        });

        // No two names are told by the same text.
        Assert.Equal(lines.Count, lines.Select(line => Regex.Match(line, "path=\"[^\"]*\"").Value).Distinct(StringComparer.Ordinal).Count());
        Assert.Contains(lines, line => line.Contains("path=\"/文字 ü\"", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("path=\"/a\\u0022 status=200 caller=\\u0022root\"", StringComparison.Ordinal));
    }

    private static List<string> Lines(GatewayProcess gateway) =>
        [.. gateway.Output.Split('\n').Where(line => line.Contains("Gateway.Audit[1600]", StringComparison.Ordinal)).Select(line => line.TrimEnd('\r'))];

    /// <summary>As it is written: <see cref="Uri"/> would decode it.</summary>
    private static Uri Raw(GatewayProcess gateway, string path) => new(
        gateway.Client.BaseAddress!.AbsoluteUri.TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
