using System.Net;
using System.Security.Cryptography;
using Gateway.FunctionalTests.EndToEnd;
using Gateway.Testing;

namespace Gateway.FunctionalTests.Faults;

/// <summary>Large uploads to a distant server, where one connection's window is the limit: 25 MiB/s at 80 ms.</summary>
public sealed class StripedUploadTests
{
    private const int Large = 48 * 1024 * 1024;
    private static readonly Uri Target = new($"/v1/backends/{DistantServer.Name}/files/new", UriKind.Relative);

    [Fact]
    public async Task A_large_upload_goes_over_several_connections_and_is_the_same()
    {
        await using var server = await DistantServer.StartAsync(4);
        using var content = new GeneratedContent(Large);

        using var response = await server.Client.PutAsync(Target, content);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(content.Hash, await HashAsync(server));
        Assert.Equal(["new"], server.Backend.Server.Files.List("/"));
        Assert.InRange(await server.CountExtrasAsync(), 1, 2);
        await server.WaitUntilAsync(pool => pool is { Leases: 0, Idle: 4 });
    }

    [Fact]
    public async Task Connections_that_die_in_the_middle_never_leave_half_a_file()
    {
        await using var server = await DistantServer.StartAsync(4);
        using var content = new GeneratedContent(Large);
        var uploading = server.Client.PutAsync(Target, content);
        await UntilStripedAsync(server, uploading);

        server.Backend.Proxy.CutSome(3);

        using var response = await uploading;
        await server.WaitUntilAsync(pool => pool is { Leases: 0 });
        if (response.StatusCode == HttpStatusCode.Created)
        {
            // Those that died had not been written to yet.
            Assert.Equal(content.Hash, await HashAsync(server));
            return;
        }

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.False(server.Backend.Server.Files.Exists("/new"));

        // The next connection removes what the dead ones could not.
        await Eventually.HoldsAsync(() => server.Backend.Server.Files.List("/").Count == 0);
    }

    [Fact]
    public async Task A_caller_that_leaves_in_the_middle_leaves_nothing()
    {
        await using var server = await DistantServer.StartAsync(4);
        using var content = new GeneratedContent(10L * Large);
        using var leaving = new CancellationTokenSource();
        var uploading = server.Client.PutAsync(Target, content, leaving.Token);
        await UntilStripedAsync(server, uploading);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => uploading);
        await server.WaitUntilAsync(pool => pool is { Leases: 0, Idle: 4 });
        Assert.Empty(server.Backend.Server.Files.List("/"));
    }

    [Fact]
    public async Task A_caller_that_comes_meanwhile_gets_the_connection_that_an_upload_had_taken()
    {
        await using var server = await DistantServer.StartAsync(2, ("Pool:LeasesPerConnection", "1"));
        using var content = new GeneratedContent(2L * Large);
        var uploading = server.Client.PutAsync(Target, content);
        await UntilStripedAsync(server, uploading);

        using (var other = server.Gateway.CreateClient())
        using (var response = await other.GetAsync(new Uri($"/v1/backends/{DistantServer.Name}/directories/", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        using var uploaded = await uploading;
        Assert.Equal(HttpStatusCode.Created, uploaded.StatusCode);
        Assert.Equal(content.Hash, await HashAsync(server));
    }

    private static async Task<byte[]> HashAsync(DistantServer server)
    {
        await using var file = File.OpenRead(server.Backend.Server.Files.Root + "/new");
        return await SHA256.HashDataAsync(file);
    }

    private static async Task UntilStripedAsync(DistantServer server, Task uploading)
    {
        while (await server.CountExtrasAsync() == 0)
        {
            Assert.False(uploading.IsCompleted, "It ended over one connection.");
            await Task.Delay(5);
        }
    }
}
