using System.Globalization;

namespace Gateway.Testing.Servers;

/// <summary>asyncssh: an SSH server in Python that offers SFTP and a shell side by side, and asks for the password.</summary>
public sealed class AsyncSshServer : TestServer
{
    private readonly SshKeyPair _hostKey;

    private AsyncSshServer(SystemAccount account, TempFolder folder, SshKeyPair hostKey, SshKeyPair userKey)
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
    public static async Task<AsyncSshServer> StartAsync()
    {
        await ServerPackages.EnsureAsync("python");
        await ServerPackages.EnsureAsync("sshd");
        var folder = new TempFolder();
        var account = await SystemAccount.GetSharedAsync();
        var hostKey = await SshKeyPair.CreateAsync(folder["host_key"]);
        var userKey = await SshKeyPair.CreateAsync(folder["user_key"]);
        account.Own(hostKey.PrivateKeyFile);
        folder.Write("authorized_keys", userKey.PublicKey + "\n");
        folder.Write("asyncssh_server.py", EmbeddedText.Read("asyncssh_server.py"));
        var server = new AsyncSshServer(account, folder, hostKey, userKey);
        await server.LaunchAsync();
        return server;
    }

    private protected override (IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Environment) Configure() =>
        ([
            .. Account.GetRunAs(), "/usr/bin/python3", "-B", "-W", "ignore", Folder["asyncssh_server.py"],
            Port.ToString(CultureInfo.InvariantCulture), Files.Root, Username, _hostKey.PrivateKeyFile, Folder["authorized_keys"],
        ], new Dictionary<string, string>(StringComparer.Ordinal) { ["SERVER_PASSWORD"] = Password });

    private protected override ValueTask<bool> IsReadyAsync(string log) =>
        ValueTask.FromResult(log.Contains("READY", StringComparison.Ordinal));
}
