using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;

namespace Gateway.Benchmarks;

/// <summary>One OpenSSH server with its files, the gateway and <c>rclone serve http</c> before it.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly SshServer _server;
    private readonly TempFolder _folder = new();
    private Process? _rclone;

    private Stage(SshServer server, GatewayProcess gateway)
    {
        _server = server;
        Gateway = gateway;
    }

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway { get; }

    /// <summary>Where the gateway's files are.</summary>
    public Uri GatewayFiles => new(Gateway.Client.BaseAddress!, "/v1/backends/bench/files/");

    /// <summary>Where the gateway's listings are.</summary>
    public Uri GatewayFolders => new(Gateway.Client.BaseAddress!, "/v1/backends/bench/directories/");

    /// <summary>Where rclone serves the same folder.</summary>
    public Uri Rclone { get; private set; } = null!;

    /// <summary>A local file of the large size, to upload.</summary>
    public string LargeFile => _folder["large"];

    /// <summary>Size of the large file in MiB.</summary>
    public int Mebibytes { get; private set; }

    /// <summary>Arguments for sftp: options and destination.</summary>
    public IReadOnlyList<string> SftpArguments =>
    [
        "-q", "-F", "none", "-i", _server.UserKey.PrivateKeyFile, "-o", "UserKnownHostsFile=" + _folder["known_hosts"], "-o", "Ciphers=aes128-gcm@openssh.com",
        "-P", _server.Port.ToString(CultureInfo.InvariantCulture), "-b", "-", $"{_server.Account.Name}@{_server.Host}",
    ];

    /// <summary>The folder on the server, by its absolute path.</summary>
    public string RemoteRoot => _server.RemoteRoot;

    public static async Task<Stage> StartAsync(BenchmarkOptions options)
    {
        var server = await SshServer.StartAsync();
        var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Gateway__Identity__Anonymous"] = "true",
            ["Gateway__Backends__bench__Protocol"] = "sftp",
            ["Gateway__Backends__bench__Host"] = server.Host,
            ["Gateway__Backends__bench__Port"] = server.Port.ToString(CultureInfo.InvariantCulture),
            ["Gateway__Backends__bench__Username"] = server.Account.Name,
            ["Gateway__Backends__bench__Root"] = server.RemoteRoot,
            ["Gateway__Backends__bench__Sftp__PrivateKeyFile"] = server.UserKey.PrivateKeyFile,
            ["Gateway__Backends__bench__Sftp__HostKeyFingerprints__0"] = server.HostKeyFingerprints[0],
            ["Gateway__Backends__bench__Listing__CacheDuration"] = "00:00:00",
            ["Logging__LogLevel__Default"] = "Warning",
        });
        var stage = new Stage(server, gateway) { Mebibytes = options.Mebibytes };
        await stage.PrepareAsync();
        return stage;
    }

    /// <summary>A new server folder entry per upload, so that nothing is overwritten; removed by the next <see cref="PrepareAsync"/>.</summary>
    public Task RemoveAsync(string name)
    {
        File.Delete(Path.Combine(_server.Files.Root, name));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_rclone is { HasExited: false } rclone)
        {
            rclone.Kill();
            await rclone.WaitForExitAsync();
        }

        _rclone?.Dispose();
        await Gateway.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        _folder.Write("known_hosts", _server.KnownHosts);
        var block = new byte[1024 * 1024];
        await using (var large = File.Create(LargeFile))
        {
            for (var i = 0; i < Mebibytes; i++)
            {
                Random.Shared.NextBytes(block);
                await large.WriteAsync(block);
            }
        }

        await UploadAsync("large", LargeFile);
        await File.WriteAllBytesAsync(_folder["small"], block[..4096]);
        await UploadAsync("small", _folder["small"]);
        var many = Directory.CreateDirectory(Path.Combine(_server.Files.Root, "many")).FullName;
        for (var i = 0; i < 10_000; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(many, string.Create(CultureInfo.InvariantCulture, $"file-{i:00000}.txt")), "x");
        }

        await StartRcloneAsync();
    }

    private async Task UploadAsync(string name, string file)
    {
        await using var content = File.OpenRead(file);
        using var body = new StreamContent(content);
        using var response = await Gateway.Client.PutAsync(new Uri(GatewayFiles, name), body);
        response.EnsureSuccessStatusCode();
    }

    private async Task StartRcloneAsync()
    {
        var port = FreePort.Next();
        var start = new ProcessStartInfo("rclone") { UseShellExecute = false, RedirectStandardError = true };
        string[] arguments =
        [
            "serve", "http", "--config", "/dev/null", "--addr", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--vfs-cache-mode", "off",
            "--sftp-host", _server.Host, "--sftp-port", _server.Port.ToString(CultureInfo.InvariantCulture), "--sftp-user", _server.Account.Name,
            "--sftp-key-file", _server.UserKey.PrivateKeyFile, "--sftp-known-hosts-file", _folder["known_hosts"],
            "--dir-cache-time", "0s", ":sftp:" + RemoteRoot,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _rclone = Process.Start(start) ?? throw new InvalidOperationException("rclone did not start.");
        _rclone.ErrorDataReceived += (_, _) => { };
        _rclone.BeginErrorReadLine();
        Rclone = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        using var client = new HttpClient();
        while (!await AnswersAsync(client, new Uri(Rclone, "small")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient client, Uri uri)
    {
        try
        {
            using var response = await client.GetAsync(uri);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
