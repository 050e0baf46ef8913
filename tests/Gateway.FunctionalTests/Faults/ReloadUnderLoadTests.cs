using Gateway.Testing;
using Gateway.Testing.Faults;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Faults;

/// <summary>The configuration file changes while callers are served by real servers.</summary>
public sealed class ReloadUnderLoadTests(ITestOutputHelper output)
{
    private static readonly FileVersion File = new(99, 300_000);

    [Fact]
    public async Task A_rotated_secret_a_changed_backend_and_one_that_comes_and_goes_fail_no_request()
    {
        await using var sftp = await FaultBackend.StartAsync("sftp");
        await using var ftps = await FaultBackend.StartAsync("vsftpd");
        FaultBackend[] backends = [sftp, ftps];
        foreach (var backend in backends)
        {
            backend.Server.Files.Write("/file", File.ToArray());
            backend.Settings["Pool:MaxConnections"] = "4";
        }

        await using var gateway = await FaultGateway.StartAsync(backends.SelectMany(backend => backend.GetConfiguration()));
        await gateway.WaitUntilReadyAsync();
        using var client = gateway.CreateClient();
        using var end = new CancellationTokenSource();
        var load = backends.SelectMany(backend => Enumerable.Range(0, 4).Select(i => Task.Run(() => LoadAsync(client, backend, i, end.Token)))).ToArray();

        await ChangeAsync(gateway, 1, backends.SelectMany(backend => backend.GetConfiguration()).Concat(sftp.GetConfiguration("added")));
        Assert.Equal(File.Length, (await client.GetByteArrayAsync(new Uri("/v1/backends/added/files/file", UriKind.Relative))).Length);

        await sftp.RotateAsync();
        await ftps.RotateAsync();
        await ChangeAsync(gateway, 2, backends.SelectMany(backend => backend.GetConfiguration()).Concat(sftp.GetConfiguration("added")));

        sftp.Settings["Pool:MaxConnections"] = "2";
        ftps.Settings["Pool:MinConnections"] = "3";
        await ChangeAsync(gateway, 3, backends.SelectMany(backend => backend.GetConfiguration()));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync(new Uri("/v1/backends/added/files/file", UriKind.Relative))).StatusCode);

        await end.CancelAsync();
        var requests = await Task.WhenAll(load);
        output.WriteLine($"{requests.Sum()} requests during three reloads, none failed.");
        Assert.All(requests, count => Assert.True(count > 0));
    }

    /// <summary>Changes the file, waits until it is in force, and a little longer.</summary>
    private static async Task ChangeAsync(FaultGateway gateway, int number, IEnumerable<KeyValuePair<string, string>> configuration)
    {
        gateway.Reconfigure(configuration);
        await Eventually.HoldsAsync(() => gateway.Process.Output.Split("ConfigurationWatcher[1001]").Length > number);
        await Task.Delay(500);
    }

    private static async Task<int> LoadAsync(HttpClient client, FaultBackend backend, int number, CancellationToken end)
    {
        var requests = 0;
        for (; !end.IsCancellationRequested; requests++)
        {
            var content = await client.GetByteArrayAsync(new Uri($"/v1/backends/{backend.Name}/files/file", UriKind.Relative), CancellationToken.None);
            Assert.True(content.Length == File.Length && File.Matches(0, content));
            var url = new Uri($"/v1/backends/{backend.Name}/files/new-{number}", UriKind.Relative);
            using var stored = await client.PutAsync(url, new ByteArrayContent(content), CancellationToken.None);
            Assert.True(stored.IsSuccessStatusCode, await stored.Content.ReadAsStringAsync(CancellationToken.None));
        }

        return requests;
    }
}
