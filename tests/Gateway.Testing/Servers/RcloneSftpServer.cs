using System.Globalization;

namespace Gateway.Testing.Servers;

/// <summary>rclone's SFTP server.</summary>
public sealed class RcloneSftpServer : TestServer
{
    private readonly SshKeyPair _hostKey;

    private RcloneSftpServer(SystemAccount account, TempFolder folder, SshKeyPair hostKey, SshKeyPair userKey)
        : base(account, folder, new ServerFiles(account, folder.CreateFolder("data")))
    {
        _hostKey = hostKey;
        UserKey = userKey;
    }

    /// <summary>The key that the account may log in with.</summary>
    public SshKeyPair UserKey { get; }

    /// <summary>The host key's <c>SHA256:</c> fingerprint.</summary>
    public string HostKeyFingerprint => _hostKey.Fingerprint;

    /// <inheritdoc/>
    public override string RemoteRoot => "/";

    /// <summary>Starts a server.</summary>
    public static async Task<RcloneSftpServer> StartAsync()
    {
        await ServerPackages.EnsureAsync("rclone");
        await ServerPackages.EnsureAsync("sshd");
        var folder = new TempFolder();
        var account = await SystemAccount.GetSharedAsync();
        var hostKey = await SshKeyPair.CreateAsync(folder["host_key"]);
        var userKey = await SshKeyPair.CreateAsync(folder["user_key"]);
        account.Own(hostKey.PrivateKeyFile);
        account.Own(folder.CreateFolder("cache"));
        folder.Write("authorized_keys", userKey.PublicKey + "\n");
        var server = new RcloneSftpServer(account, folder, hostKey, userKey);
        await server.LaunchAsync();
        return server;
    }

    // It writes a file in order or not at all unless it may cache it first: a client with several writes in flight needs that.
    private protected override (IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Environment) Configure() =>
        ([
            .. Account.GetRunAs(), "rclone", "serve", "sftp", Files.Root, "--copy-links",
            "--addr", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"),
            "--user", Username, "--key", _hostKey.PrivateKeyFile, "--authorized-keys", Folder["authorized_keys"],
            "--vfs-cache-mode", "writes", "--vfs-write-back", "0s", "--cache-dir", Folder["cache"], "--dir-cache-time", "0s", "--log-level", "INFO",
        ], new Dictionary<string, string>(StringComparer.Ordinal) { ["RCLONE_PASS"] = Password, ["RCLONE_CONFIG"] = "/dev/null" });

    private protected override ValueTask<bool> IsReadyAsync(string log) =>
        ValueTask.FromResult(log.Contains("SFTP server listening on", StringComparison.Ordinal));
}
