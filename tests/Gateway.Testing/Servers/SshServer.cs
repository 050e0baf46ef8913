using System.Globalization;
using System.Text;

namespace Gateway.Testing.Servers;

/// <summary>OpenSSH's sshd.</summary>
public sealed class SshServer : TestServer
{
    private readonly SshServerOptions _options;
    private readonly List<SshKeyPair> _hostKeys = [];

    private SshServer(SshServerOptions options, SystemAccount account, TempFolder folder, ServerFiles files, SshKeyPair userKey)
        : base(account, folder, files)
    {
        _options = options;
        UserKey = userKey;
    }

    /// <summary>The key that the account may log in with.</summary>
    public SshKeyPair UserKey { get; }

    /// <summary>The host keys in use, in the order of <see cref="SshServerOptions.HostKeyTypes"/>.</summary>
    public IReadOnlyList<SshKeyPair> HostKeys => _hostKeys;

    /// <summary>The <c>SHA256:</c> fingerprints of <see cref="HostKeys"/>.</summary>
    public IReadOnlyList<string> HostKeyFingerprints => [.. _hostKeys.Select(key => key.Fingerprint)];

    /// <summary>known_hosts lines for this server.</summary>
    public string KnownHosts => string.Concat(_hostKeys.Select(key =>
        string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port} {key.PublicKey}\n")));

    /// <summary>A file with <see cref="KnownHosts"/> as they were at the first start.</summary>
    public string KnownHostsFile => Folder["known_hosts"];

    /// <inheritdoc/>
    public override string RemoteRoot => _options.Chroot ? "/data" : Files.Root;

    /// <summary>Starts a server.</summary>
    public static async Task<SshServer> StartAsync(SshServerOptions? options = null)
    {
        options ??= new SshServerOptions();
        await ServerPackages.EnsureAsync("sshd");
        var account = await (options.WithoutShell ? SystemAccount.GetSharedWithoutShellAsync() : SystemAccount.GetSharedAsync());
        // sshd's privilege separation wants this folder; the service makes it, and nobody started the service.
        Directory.CreateDirectory("/run/sshd");
        var folder = new TempFolder();
        // sshd refuses a chroot that anyone but root could write to, or any folder above it.
        var data = options.Chroot ? new TempFolder(ownedByRootUpwards: true) : null;
        var files = new ServerFiles(account, (data ?? folder).CreateFolder("data"), data);
        var userKey = await SshKeyPair.CreateAsync(folder["user_key"]);
        folder.Write("authorized_keys", userKey.PublicKey + "\n");
        var server = new SshServer(options, account, folder, files, userKey);
        await server.CreateHostKeysAsync("first");
        await server.LaunchAsync();
        folder.Write("known_hosts", server.KnownHosts);
        return server;
    }

    /// <summary>Restarts with new host keys, as after a reinstallation or behind a man in the middle.</summary>
    public async Task ReplaceHostKeysAsync()
    {
        await StopAsync();
        await CreateHostKeysAsync(Random.Shared.Next().ToString(CultureInfo.InvariantCulture));
        await LaunchAsync();
    }

    /// <summary>Lets another key log in too.</summary>
    public void Authorize(string publicKeyLine) => File.AppendAllText(Folder["authorized_keys"], publicKeyLine + "\n");

    private protected override (IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Environment) Configure()
    {
        Folder.Write("sshd_config", BuildConfiguration());
        return (["/usr/sbin/sshd", "-D", "-e", "-f", Folder["sshd_config"]], null);
    }

    // Never by a connection: newer servers penalise a source that connects and does not log in.
    private protected override ValueTask<bool> IsReadyAsync(string log) =>
        ValueTask.FromResult(log.Contains("Server listening on", StringComparison.Ordinal));

    private async Task CreateHostKeysAsync(string suffix)
    {
        _hostKeys.Clear();
        foreach (var type in _options.HostKeyTypes)
        {
            _hostKeys.Add(await SshKeyPair.CreateAsync(Folder[$"host_{type}_{suffix}"], type));
        }
    }

    private string BuildConfiguration()
    {
        var text = new StringBuilder();
        foreach (var line in _options.ExtraLines)
        {
            text.Append(line).Append('\n');
        }

        foreach (var key in _hostKeys)
        {
            text.Append("HostKey ").Append(key.PrivateKeyFile).Append('\n');
        }

        var logins = _options.Logins;
        text.Append(CultureInfo.InvariantCulture, $"""
            ListenAddress {Host}
            Port {Port}
            PidFile none
            LogLevel VERBOSE
            StrictModes no
            UseDNS no
            PrintMotd no
            PermitRootLogin no
            AllowUsers {Account.Name}
            AuthorizedKeysFile {Folder["authorized_keys"]}
            PubkeyAuthentication {YesNo(logins.HasFlag(SshLogins.Key))}
            PasswordAuthentication {YesNo(logins.HasFlag(SshLogins.Password))}
            KbdInteractiveAuthentication {YesNo(logins.HasFlag(SshLogins.KeyboardInteractive))}
            UsePAM {YesNo(logins.HasFlag(SshLogins.KeyboardInteractive))}
            MaxStartups {_options.MaxStartups ?? "200"}

            """);
        if (_options.MaxSessions is { } sessions)
        {
            text.Append(CultureInfo.InvariantCulture, $"MaxSessions {sessions}\n");
        }

        var subsystem = _options.Subsystem switch
        {
            SftpSubsystem.Internal => "internal-sftp",
            SftpSubsystem.External => "/usr/lib/openssh/sftp-server",
            SftpSubsystem.Chatter => "/bin/echo Welcome to this server",
            _ => null,
        };
        if (subsystem is not null)
        {
            text.Append("Subsystem sftp ").Append(subsystem).Append('\n');
        }

        if (_options.Chroot)
        {
            text.Append("ChrootDirectory ").Append(Path.GetDirectoryName(Files.Root)).Append('\n');
        }

        if (_options.ForceSftp)
        {
            text.Append("ForceCommand internal-sftp\n");
        }

        return text.ToString();
    }

    private static string YesNo(bool value) => value ? "yes" : "no";
}
