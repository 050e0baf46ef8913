using System.Net;
using Gateway.Testing;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.Http;

public sealed class ConfigurationTests
{
    private const string Secret = "correct-horse-battery-staple";

    [Fact]
    public async Task A_wrong_configuration_ends_the_start_with_every_error_and_no_secret()
    {
        var (exitCode, output) = await GatewayProcess.RunAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Gateway__Backends__erp__Protocol"] = "sftp",
            ["Gateway__Backends__erp__Prot"] = Secret,
            ["Gateway__Backends__erp__Port"] = "ninety",
            ["Gateway__Backends__erp__Password"] = Secret,
            ["Gateway__Backends__erp__PasswordFile"] = "/nowhere/" + Secret,
            ["Gateway__Backends__erp__Pool__MinConnections"] = "9",
            ["Gateway__Backends__erp__Sftp__HostKeyFingerprnts__0"] = "SHA256:x",
            ["Gateway__Backends__Bad_Name__Protocol"] = "gopher",
            ["Gateway__Limits__RequestsPerMinute"] = "0",
            ["Gateway__Identety__Anonymous"] = "true",
        });

        Assert.Equal(78, exitCode);
        foreach (var key in new[]
        {
            "Gateway:Backends:erp:Host: ", "Gateway:Backends:erp:Username: ", "Gateway:Backends:erp:Prot: ", "Gateway:Backends:erp:Port: ",
            "Gateway:Backends:erp:PasswordFile: ", "Gateway:Backends:erp:Pool:MinConnections: ", "Gateway:Backends:erp:Sftp:HostKeyFingerprnts: ",
            "Gateway:Backends:Bad_Name: ", "Gateway:Backends:Bad_Name:Protocol: ", "Gateway:Limits:RequestsPerMinute: ", "Gateway:Identety: ",
        })
        {
            Assert.Contains(key, output, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("did you mean Identity?", output, StringComparison.Ordinal);
        Assert.Contains("did you mean HostKeyFingerprints?", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ not json", "GATEWAY_CONFIG: The file is not valid JSON")]
    [InlineData(null, "GATEWAY_CONFIG: There is nothing at the path that it names.")]
    public async Task A_file_that_cannot_be_read_is_told_plainly(string? content, string expected)
    {
        using var folder = new TempFolder();
        var path = content is null ? folder["missing.json"] : folder.Write("gateway.json", content);

        var (exitCode, output) = await GatewayProcess.RunAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["GATEWAY_CONFIG"] = path });

        Assert.Equal(78, exitCode);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_win_in_their_order_and_a_swapped_file_takes_effect_without_a_restart()
    {
        using var folder = new TempFolder();
        Link(folder, "first", """{ "Gateway": { "Backends": { "one": { "Protocol": "sftp", "Host": "127.0.0.1", "Port": 1, "Username": "u", "ReadOnly": false } } } }""");
        folder.CreateFolder("secrets");
        folder.Write("secrets/Gateway__Backends__one__Password", Secret + "\n");
        folder.Write("secrets/Gateway__Backends__one__ReadOnly", "false");
        await using var gateway = await GatewayProcess.StartAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["GATEWAY_CONFIG"] = folder["live/gateway.json"],
                ["GATEWAY_SECRETS"] = folder["secrets"],
                ["Gateway__Backends__one__Sftp__HostKeyFingerprints__0"] = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
                ["Gateway__Backends__one__ReadOnly"] = "false",
            },
            "--Gateway:Backends:one:ReadOnly=true");

        Assert.Contains("\"readOnly\":true", await gateway.Client.GetStringAsync(new Uri("/v1/backends/one", UriKind.Relative)), StringComparison.Ordinal);

        Link(folder, "second", """
            { "Gateway": { "Backends": {
              "one": { "Protocol": "sftp", "Host": "127.0.0.1", "Port": 1, "Username": "u" },
              "two": { "Protocol": "sftp", "Host": "127.0.0.1", "Port": 1, "Username": "u", "Password": "p",
                "Sftp": { "HostKeyFingerprints": ["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"] } } } } }
            """);
        await Eventually.HoldsAsync(() => StatusOf(gateway, "two") == HttpStatusCode.OK);

        Link(folder, "third", """{ "Gateway": { "Backends": { "two": { "Protocol": "gopher" } } } }""");
        await Eventually.HoldsAsync(() => gateway.Output.Contains("not valid", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, StatusOf(gateway, "two"));
        Assert.DoesNotContain(Secret, gateway.Output, StringComparison.Ordinal);

        gateway.Terminate();
        Assert.Equal(0, await gateway.WaitForExitAsync());
    }

    private static void Link(TempFolder folder, string name, string json)
    {
        folder.CreateFolder(name);
        folder.Write(name + "/gateway.json", json);
        folder.SwapLink("live", name);
    }

    private static HttpStatusCode StatusOf(GatewayProcess gateway, string backend)
    {
        using var response = gateway.Client.Send(new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/backends/" + backend, UriKind.Relative)));
        return response.StatusCode;
    }
}
