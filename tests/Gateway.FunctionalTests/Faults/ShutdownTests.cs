using Gateway.Testing;
using Gateway.Testing.Faults;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Faults;

/// <summary>SIGTERM in the middle of many transfers.</summary>
public sealed class ShutdownTests
{
    private const int Transfers = 5;

    private static readonly FileVersion File = new(4711, 30_000_000);

    [Fact]
    public async Task Twenty_transfers_under_way_end_well_and_nothing_is_left()
    {
        await using var sftp = await FaultBackend.StartAsync("sftp");
        await using var ftps = await FaultBackend.StartAsync("vsftpd");
        FaultBackend[] backends = [sftp, ftps];
        foreach (var backend in backends)
        {
            backend.Server.Files.Write("/file", File.ToArray());
            backend.Settings["Pool:MaxConnections"] = "10";
        }

        await using var gateway = await FaultGateway.StartAsync(backends.SelectMany(backend => backend.GetConfiguration()));
        await gateway.WaitUntilReadyAsync();
        using var client = gateway.CreateClient();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var downloads = new List<Task<bool>>();
        var uploads = new List<Task<HttpResponseMessage>>();
        foreach (var backend in backends)
        {
            for (var i = 0; i < Transfers; i++)
            {
                downloads.Add(DownloadAsync(client, $"/v1/backends/{backend.Name}/files/file", release.Task));
                uploads.Add(client.PutAsync(new Uri($"/v1/backends/{backend.Name}/files/new-{i}", UriKind.Relative), new HeldContent(File, release.Task)));
            }
        }

        var patience = System.Diagnostics.Stopwatch.StartNew();
        while ((await gateway.GetPoolsAsync()).Values.Sum(pool => pool.Leases) < 4 * Transfers)
        {
            Assert.InRange(patience.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
            await Task.Delay(20);
        }

        var children = gateway.Children;
        gateway.Process.Terminate();
        await Task.Delay(500);
        release.SetResult();

        Assert.All(await Task.WhenAll(downloads), Assert.True);
        Assert.All(await Task.WhenAll(uploads), response => Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode));
        Assert.Equal(0, await gateway.Process.WaitForExitAsync());
        Assert.NotEmpty(children);
        Assert.All(children, child => Assert.True(ProcessTree.IsGone(child)));
        foreach (var backend in backends)
        {
            Assert.All(Enumerable.Range(0, Transfers), i => Assert.True(File.IsWhole(backend.Server.Files.Locate($"/new-{i}"))));
            Assert.Equal(Transfers + 1, backend.Server.Files.List("/").Count);
            await Eventually.HoldsAsync(() => backend.Server.SessionProcesses == 0 && backend.Proxy.OpenConnections == 0);
        }
    }

    private static async Task<bool> DownloadAsync(HttpClient client, string url, Task release)
    {
        using var response = await client.GetAsync(new Uri(url, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var content = new byte[File.Length];
        await body.ReadExactlyAsync(content.AsMemory(0, 1000));
        await release;
        await body.ReadExactlyAsync(content.AsMemory(1000));
        return File.Matches(0, content) && await body.ReadAsync(new byte[1]) == 0;
    }

    /// <summary>The bytes of a file, of which the second half waits.</summary>
    private sealed class HeldContent(FileVersion version, Task release) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            var content = version.ToArray();
            await stream.WriteAsync(content.AsMemory(0, version.Length / 2));
            await stream.FlushAsync();
            await release;
            await stream.WriteAsync(content.AsMemory(version.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = version.Length;
            return true;
        }
    }
}
