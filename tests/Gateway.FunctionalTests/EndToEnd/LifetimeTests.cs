using System.Diagnostics;
using System.Globalization;
using Gateway.FunctionalTests.Contract;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>The gateway's process: what it leaves behind when it ends, and what it keeps while it runs.</summary>
public sealed class LifetimeTests
{
    private const int Sigkill = 9;
    private const int SchedBatch = 3;

    [Fact]
    public async Task Killed_it_leaves_no_ssh_and_no_session()
    {
        await using var ssh = await ContractServer.StartOwnAsync("openssh");
        await using var ftp = await ContractServer.StartOwnAsync("vsftpd");
        await using var gateway = await StartAsync(ssh, ftp);
        await UseAsync(gateway);
        var children = ProcessTree.GetDescendants(gateway.Id);
        Assert.Contains(children, child => ProcessTree.GetCommandLine(child).Contains("sftp", StringComparison.Ordinal));

        ProcessTree.Signal(gateway.Id, Sigkill);

        await Eventually.HoldsAsync(() => children.All(ProcessTree.IsGone));
        await Eventually.HoldsAsync(() => ssh.Server.SessionProcesses == 0 && ftp.Server.SessionProcesses == 0);
    }

    [Fact]
    public async Task Terminated_it_ends_well_and_leaves_nothing()
    {
        await using var ssh = await ContractServer.StartOwnAsync("openssh");
        await using var ftp = await ContractServer.StartOwnAsync("vsftpd");
        await using var gateway = await StartAsync(ssh, ftp);
        await UseAsync(gateway);
        var children = ProcessTree.GetDescendants(gateway.Id);

        var clock = Stopwatch.StartNew();
        gateway.Terminate();

        Assert.Equal(0, await gateway.WaitForExitAsync());
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
        Assert.All(children, child => Assert.True(ProcessTree.IsGone(child)));
        await Eventually.HoldsAsync(() => ssh.Server.SessionProcesses == 0 && ftp.Server.SessionProcesses == 0);
    }

    [Fact]
    public async Task Terminated_it_lets_a_running_download_end()
    {
        await using var ssh = await ContractServer.StartOwnAsync("openssh");
        await using var ftp = await ContractServer.StartOwnAsync("vsftpd");
        var content = Payload.Create(20_000_000);
        await using var gateway = await StartAsync(ssh, ftp);
        ssh.Server.Files.Write("/large", content);
        ftp.Server.Files.Write("/large", content);

        using var first = await gateway.Client.GetAsync(new Uri(Api.Files("ssh", "large"), UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var second = await gateway.Client.GetAsync(new Uri(Api.Files("ftp", "large"), UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var firstBody = await first.Content.ReadAsStreamAsync();
        await using var secondBody = await second.Content.ReadAsStreamAsync();
        Assert.True(await firstBody.ReadAsync(new byte[1]) == 1 && await secondBody.ReadAsync(new byte[1]) == 1);

        gateway.Terminate();
        await Task.Delay(500);

        Payload.AssertSame(content.AsMemory(1), await ReadAsync(firstBody));
        Payload.AssertSame(content.AsMemory(1), await ReadAsync(secondBody));
        Assert.Equal(0, await gateway.WaitForExitAsync());
    }

    [Fact]
    public async Task Descriptors_and_children_do_not_grow_with_requests()
    {
        await using var ssh = await ContractServer.StartOwnAsync("openssh");
        await using var ftp = await ContractServer.StartOwnAsync("vsftpd");
        await using var gateway = await StartAsync(ssh, ftp);
        await UseAsync(gateway);
        var before = CountDescriptors(gateway.Id);

        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => UseAsync(gateway)));
        }

        // Warm connections, up to the pools' maximum, are kept: each has a few. A leak of one for each request would be hundreds.
        Assert.InRange(CountDescriptors(gateway.Id), 0, before + 100);
        Assert.InRange(ProcessTree.GetDescendants(gateway.Id).Count, 1, 16);
    }

    [Fact]
    public async Task Its_workers_and_its_ssh_do_not_interrupt_one_another()
    {
        await using var ssh = await ContractServer.StartOwnAsync("openssh");
        await using var ftp = await ContractServer.StartOwnAsync("vsftpd");
        await using var gateway = await StartAsync(ssh, ftp);
        await UseAsync(gateway);

        var workers = ProcessTree.GetPolicies(gateway.Id, ".NET TP Worker");
        var children = ProcessTree.GetDescendants(gateway.Id).SelectMany(child => ProcessTree.GetPolicies(child, "ssh")).ToArray();
        Assert.NotEmpty(workers);
        Assert.NotEmpty(children);
        Assert.All(workers.Concat(children), policy => Assert.Equal(SchedBatch, policy));
    }

    private static Task<GatewayProcess> StartAsync(ContractServer ssh, ContractServer ftp)
    {
        var environment = ssh.CreateConfiguration("ssh").Concat(ftp.CreateConfiguration("ftp"))
            .ToDictionary(pair => pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value, StringComparer.Ordinal);
        return GatewayProcess.StartAsync(environment);
    }

    private static async Task UseAsync(GatewayProcess gateway)
    {
        foreach (var backend in new[] { "ssh", "ftp" })
        {
            var name = Guid.NewGuid().ToString();
            var content = Payload.Create(50_000);
            using (var created = await Api.PutAsync(gateway.Client, Api.Files(backend, name), content))
            {
                Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
            }

            Payload.AssertSame(content, await gateway.Client.GetByteArrayAsync(new Uri(Api.Files(backend, name), UriKind.Relative)));
            Assert.Contains(name, await Api.ListNamesAsync(gateway.Client, backend));
        }
    }

    private static int CountDescriptors(int processId) =>
        Directory.GetFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd")).Length;

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }
}
