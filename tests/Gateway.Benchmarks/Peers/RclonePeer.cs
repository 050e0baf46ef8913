using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gateway.Testing;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;

namespace Gateway.Benchmarks.Peers;

/// <summary><c>rclone serve</c>: <c>http</c>, which reads, or <c>webdav</c>, which writes too.</summary>
internal sealed class RclonePeer : HttpPeer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ServerProcess _process;
    private readonly TempFolder _folder;

    private RclonePeer(ServerProcess process, TempFolder folder, int port)
    {
        _process = process;
        _folder = folder;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
    }

    public override Uri Address { get; }

    protected override int? ProcessId => _process.Id;

    public override string GetFile(string path) => "/" + path;

    public override string GetFolder(string path) => "/" + path + "/";

    /// <summary>Starts it; returns when it serves the file.</summary>
    /// <param name="kind"><c>http</c> or <c>webdav</c>.</param>
    /// <param name="backend">Arguments that name the backend.</param>
    /// <param name="authorityFile">The only certificate authority it trusts; its FTP backend looks at no option for that.</param>
    /// <param name="cachesFolders">With its own default, five minutes; else not at all.</param>
    /// <param name="probe">A file that is there.</param>
    public static async Task<RclonePeer> StartAsync(string kind, IReadOnlyList<string> backend, string authorityFile, bool cachesFolders, string probe)
    {
        var folder = new TempFolder();
        var port = FreePort.Next();
        string[] caches = cachesFolders ? [] : ["--dir-cache-time", "0s"];
        var peer = new RclonePeer(
            ServerProcess.Start(
                [
                    "rclone", "serve", kind, "--config", "/dev/null", "--addr", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"),
                    "--vfs-cache-mode", "off", "--poll-interval", "0", "--cache-dir", folder["cache"], .. caches, .. backend,
                ],
                folder["rclone.log"],
                new Dictionary<string, string>(StringComparer.Ordinal) { ["SSL_CERT_FILE"] = authorityFile }),
            folder,
            port);
        try
        {
            await peer.UntilReadyAsync(probe);
            return peer;
        }
        catch (Exception)
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task UntilReadyAsync(string probe)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Patience && !_process.HasExited)
        {
            try
            {
                using var response = await client.GetAsync(new Uri(Address, GetFile(probe)));
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5));
            }
        }

        var log = await File.ReadAllTextAsync(_folder["rclone.log"]);
        throw new InvalidOperationException("rclone does not serve: " + log[..Math.Min(log.Length, 1000)]);
    }
}
