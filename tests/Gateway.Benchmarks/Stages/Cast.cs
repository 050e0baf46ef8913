using System.Globalization;
using Gateway.Benchmarks.Peers;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.Benchmarks.Stages;

/// <summary>Starts the peers of one scenario, and ends them with it: nobody shares the machine with a peer that is not being measured.</summary>
/// <param name="stage">What they serve.</param>
/// <param name="gateway">The folder that the gateway was published to.</param>
internal sealed class Cast(Stage stage, string gateway) : IAsyncDisposable
{
    private readonly List<Peer> _peers = [];

    public Stage Stage => stage;

    /// <summary>The gateway, ready and warm.</summary>
    /// <param name="protocol">Its backend.</param>
    /// <param name="settings">What differs from the defaults, by the key below the backend: <c>Pool__MinConnections</c>.</param>
    public async Task<GatewayPeer> StartGatewayAsync(Protocol protocol, params (string Key, string Value)[] settings) =>
        await (await LaunchGatewayAsync(protocol, settings)).UntilReadyAsync();

    /// <summary>The gateway, as soon as it listens.</summary>
    public async Task<GatewayPeer> LaunchGatewayAsync(Protocol protocol, params (string Key, string Value)[] settings)
    {
        const string Prefix = "Gateway__Backends__bench__";
        var environment = GatewayEnvironment.For(protocol == Protocol.Ftps ? stage.Ftp : stage.Ssh, "bench");
        environment["Gateway__Identity__Anonymous"] = "true";
        environment[Prefix + "Root"] = stage.GetRoot(protocol);
        environment[Prefix + "Port"] = stage.GetPort(protocol).ToString(CultureInfo.InvariantCulture);
        if (protocol != Protocol.Ftps)
        {
            environment.Remove(Prefix + "Password");
            environment[Prefix + "Sftp__PrivateKeyFile"] = stage.Ssh.UserKey.PrivateKeyFile;
        }

        foreach (var (key, value) in settings)
        {
            environment[Prefix + key] = value;
        }

        return Keep(await GatewayPeer.StartAsync(gateway, environment));
    }

    /// <summary><c>rclone serve http</c>, or <c>webdav</c>; null where rclone is not installed.</summary>
    public async Task<RclonePeer?> StartRcloneAsync(Protocol protocol, bool cachesFolders = false, string kind = "http")
    {
        if (!Programs.IsInstalled("rclone"))
        {
            return null;
        }

        var port = stage.GetPort(protocol).ToString(CultureInfo.InvariantCulture);
        // vsftpd refuses the way in which Go resumes a TLS 1.3 session ("illegal parameter").
        string[] backend = protocol == Protocol.Ftps
            ?
            [
                "--ftp-host", stage.Ftp.Host, "--ftp-port", port, "--ftp-user", stage.Ftp.Username, "--ftp-pass", await ObscureAsync(stage.Ftp.Password),
                "--ftp-explicit-tls", "--ftp-disable-tls13", ":ftp:",
            ]
            :
            [
                "--sftp-host", stage.Ssh.Host, "--sftp-port", port, "--sftp-user", stage.Ssh.Username, "--sftp-key-file", stage.Ssh.UserKey.PrivateKeyFile,
                "--sftp-known-hosts-file", stage.KnownHostsFile, ":sftp:" + stage.GetRoot(protocol),
            ];
        return Keep(await RclonePeer.StartAsync(kind, backend, stage.Ftp.AuthorityFile, cachesFolders, stage.Small.Name));
    }

    /// <summary>OpenSSH's own client, logged in.</summary>
    public async Task<SftpClient> StartSftpAsync(Protocol protocol) => Keep(await SftpClient.StartAsync(
    [
        "-i", stage.Ssh.UserKey.PrivateKeyFile, "-o", "UserKnownHostsFile=" + stage.KnownHostsFile,
        "-P", stage.GetPort(protocol).ToString(CultureInfo.InvariantCulture), $"{stage.Ssh.Username}@{stage.Ssh.Host}",
    ]));

    /// <summary><c>lftp</c>, logged in; null where it is not installed.</summary>
    public async Task<LftpClient?> StartLftpAsync() => Programs.IsInstalled("lftp")
        ? Keep(await LftpClient.StartAsync(stage.Ftp.Host, stage.Ftp.Port, stage.Ftp.Username, stage.Ftp.Password, stage.Ftp.AuthorityFile))
        : null;

    /// <summary><c>curl</c>; null where it is not installed.</summary>
    public CurlClient? GetCurl() => Programs.IsInstalled("curl")
        ? new CurlClient(stage.Ftp.Host, stage.Ftp.Port, stage.Ftp.Username, stage.Ftp.Password, stage.Ftp.AuthorityFile)
        : null;

    /// <summary>Ends one before the others.</summary>
    public async Task EndAsync(Peer peer)
    {
        _peers.Remove(peer);
        await peer.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers)
        {
            await peer.DisposeAsync();
        }
    }

    private T Keep<T>(T peer)
        where T : Peer
    {
        _peers.Add(peer);
        return peer;
    }

    private static async Task<string> ObscureAsync(string password) => (await Command.RunAsync("rclone", ["obscure", "-"], password)).Trim();
}
