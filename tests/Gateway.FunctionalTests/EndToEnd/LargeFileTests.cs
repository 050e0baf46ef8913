using System.Globalization;
using System.Security.Cryptography;
using Gateway.FunctionalTests.Contract;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Files larger than the gateway's memory.</summary>
public sealed class LargeFileTests
{
    private const long Length = 2L * 1024 * 1024 * 1024;

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    public async Task Two_gibibytes_pass_through_a_quarter_gibibyte_of_heap(string setUp)
    {
        var server = await ContractServer.GetSharedAsync(setUp);
        var environment = server.CreateConfiguration("large").ToDictionary(
            pair => pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value, StringComparer.Ordinal);
        environment["DOTNET_GCHeapHardLimit"] = "0x10000000";
        await using var gateway = await GatewayProcess.StartAsync(environment);
        var name = $"large-{setUp}";
        var url = new Uri(Api.Files("large", name), UriKind.Relative);
        try
        {
            using var body = new GeneratedContent(Length);
            using (var created = await gateway.Client.PutAsync(url, body))
            {
                Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync() + gateway.Output);
            }

            Assert.Equal(Length, new FileInfo(server.Server.Files.Locate("/" + name)).Length);

            using var response = await gateway.Client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
            Assert.True(response.IsSuccessStatusCode);
            Assert.Equal(Length, response.Content.Headers.ContentLength);
            var hash = await SHA256.HashDataAsync(await response.Content.ReadAsStreamAsync());
            Assert.Equal(Convert.ToHexString(body.Hash), Convert.ToHexString(hash));
        }
        finally
        {
            File.Delete(server.Server.Files.Locate("/" + name));
        }

        // The heap has its limit; what is outside of it (buffers of sockets and TLS, code) must not take its place.
        Assert.InRange(GetPeakMemory(gateway.Id), 0, 600L * 1024 * 1024);
    }

    private static long GetPeakMemory(int processId)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status"))
            .Single(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
