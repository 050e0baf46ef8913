using System.Globalization;
using Gateway.Api.Links;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.HttpFiles;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Http;

public sealed class HttpFileTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "http");

    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Folder, "*.http").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_request_of_the_file_ends_as_it_says(string name)
    {
        await using var server = await SshServer.StartAsync();
        using var folder = new TempFolder();
        await using var gateway = await GatewayHost.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Gateway:Links:KeyFile"] = folder.WriteSecret("links", LinkKey.Create()),
            ["Gateway:Backends:sftp-demo:Protocol"] = "sftp",
            ["Gateway:Backends:sftp-demo:Host"] = server.Host,
            ["Gateway:Backends:sftp-demo:Port"] = server.Port.ToString(CultureInfo.InvariantCulture),
            ["Gateway:Backends:sftp-demo:Username"] = server.Username,
            ["Gateway:Backends:sftp-demo:Root"] = server.RemoteRoot,
            ["Gateway:Backends:sftp-demo:Sftp:PrivateKeyFile"] = server.UserKey.PrivateKeyFile,
            ["Gateway:Backends:sftp-demo:Sftp:HostKeyFingerprints:0"] = server.HostKeyFingerprints[0],
        });
        await gateway.WaitUntilReadyAsync();
        var file = HttpFile.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, name)));
        var runner = new HttpFileRunner(gateway.Client, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = gateway.BaseAddress.AbsoluteUri.TrimEnd('/'),
        });

        Assert.NotEmpty(file.Requests);
        Assert.All(file.Requests, request => Assert.NotNull(request.Expected));
        Assert.Empty(await runner.RunAsync(file));
    }
}
