using System.Net;
using System.Security.Cryptography;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Http;

/// <summary>The whole way: a client, the gateway as a process of its own with a small heap, a real server.</summary>
public sealed class RealServerTests
{
    private const long TwoGiB = 2L * 1024 * 1024 * 1024;

    [Theory]
    [InlineData("sftp")]
    [InlineData("ftps")]
    public async Task Two_GiB_go_up_and_come_down_through_a_heap_of_256_MiB(string protocol)
    {
        await using TestServer server = protocol == "sftp" ? await SshServer.StartAsync() : await VsftpdServer.StartAsync();
        await using var gateway = await StartGatewayAsync(server);
        var url = new Uri("/v1/backends/real/files/big.bin", UriKind.Relative);

        using var upload = new StreamContent(new PatternStream(TwoGiB));
        using var created = await gateway.Client.PutAsync(url, upload);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(TwoGiB, new FileInfo(server.Files.Locate("/big.bin")).Length);

        using var download = await gateway.Client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(TwoGiB, download.Content.Headers.ContentLength);
        await using var body = await download.Content.ReadAsStreamAsync();
        Assert.Equal(await HashAsync(new PatternStream(TwoGiB)), await HashAsync(body));
        Assert.DoesNotContain("OutOfMemory", gateway.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sftp")]
    [InlineData("ftps")]
    public async Task A_running_download_survives_SIGTERM_and_nothing_is_left(string protocol)
    {
        await using TestServer server = protocol == "sftp" ? await SshServer.StartAsync() : await VsftpdServer.StartAsync();
        await using var gateway = await StartGatewayAsync(server);
        server.Files.Write("/a", new byte[32 * 1024 * 1024]);
        using var download = await gateway.Client.GetAsync(
            new Uri("/v1/backends/real/files/a", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await download.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1024]);

        gateway.Terminate();
        using var other = new HttpClient { BaseAddress = gateway.Client.BaseAddress };
        await Eventually.HoldsAsync(() => gateway.Output.Contains("Stopping: 1 requests", StringComparison.Ordinal));
        using var refused = await other.GetAsync(new Uri("/v1/backends/real/files/a", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        using var rest = new MemoryStream();
        await body.CopyToAsync(rest);
        Assert.Equal((32 * 1024 * 1024) - 1024, rest.Length);
        Assert.Equal(0, await gateway.WaitForExitAsync());
        await Eventually.HoldsAsync(() => server.SessionProcesses == 0);
    }

    private static Task<GatewayProcess> StartGatewayAsync(TestServer server)
    {
        var environment = GatewayEnvironment.For(server, "real");
        environment["DOTNET_GCHeapHardLimit"] = "0x10000000";
        return GatewayProcess.StartAsync(environment);
    }

    private static async Task<string> HashAsync(Stream stream) => Convert.ToHexString(await SHA256.HashDataAsync(stream));
}
