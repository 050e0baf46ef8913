using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Broker.Backends;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Contract;

/// <summary>
/// One driver in front of one real server. Every set-up passes the same tests; a new driver or server is one more line in
/// <see cref="SetUps"/>.
/// </summary>
public sealed class ContractServer : IAsyncDisposable
{
    private const ServerQuirks Rclone =
        ServerQuirks.HidesLinks | ServerQuirks.HidesPermissions | ServerQuirks.IgnoresUsernames | ServerQuirks.TranslatesNames
        | ServerQuirks.RenamesInSteps;

    private static readonly Dictionary<string, SetUp> SetUps = new(StringComparer.Ordinal)
    {
        ["openssh"] = Sftp(async () => WithKey(await SshServer.StartAsync())),
        ["openssh-chroot-password"] = Sftp(async () => WithPassword(await SshServer.StartAsync(new SshServerOptions
        {
            Chroot = true, ForceSftp = true, WithoutShell = true, Logins = SshLogins.Password,
        }))),
        ["openssh-sftp-server"] = Sftp(async () => WithKnownHosts(await SshServer.StartAsync(new SshServerOptions
        {
            Subsystem = SftpSubsystem.External, HostKeyTypes = ["rsa", "ecdsa"],
        }))),
        ["asyncssh"] = Sftp(async () => Of(await AsyncSshServer.StartAsync()), ServerQuirks.OneThread),
        ["rclone"] = Sftp(async () => Of(await RcloneSftpServer.StartAsync()), Rclone),
        ["vsftpd"] = Ftps(async () => Of(await VsftpdServer.StartAsync())),
        ["vsftpd-implicit"] = Ftps(async () => Of(await VsftpdServer.StartAsync(new FtpServerOptions { Implicit = true }))),
        ["proftpd-tls1.2"] = Ftps(async () => Of(await ProFtpdServer.StartAsync(new FtpServerOptions { MaximumTls = "1.2" })), ServerQuirks.NoAsteriskFolders),
        ["proftpd-tls1.3"] = Ftps(async () => Of(await ProFtpdServer.StartAsync(new FtpServerOptions { MinimumTls = "1.3" })), ServerQuirks.NoAsteriskFolders),
        ["pure-ftpd"] = Ftps(async () => Of(await PureFtpdServer.StartAsync()), ServerQuirks.PlainNames | ServerQuirks.TranslatesNames),
        ["pyftpdlib"] = Ftps(async () => Of(await PyFtpdServer.StartAsync()), ServerQuirks.OneThread | ServerQuirks.TranslatesNames),
    };

    private static readonly ConcurrentDictionary<string, Lazy<Task<ContractServer>>> Shared = new(StringComparer.Ordinal);
    private static int _rooms;

    private readonly Dictionary<string, string?> _options;
    private readonly bool _usesPassword;

    private ContractServer(string protocol, TestServer server, bool usesPassword, Dictionary<string, string?> options)
    {
        Protocol = protocol;
        Server = server;
        _usesPassword = usesPassword;
        _options = options;
    }

    /// <summary>The driver's protocol.</summary>
    public string Protocol { get; }

    /// <summary>The server behind it.</summary>
    public TestServer Server { get; }

    /// <summary>Whether the driver speaks SFTP.</summary>
    public bool IsSftp => Protocol == "sftp";

    /// <summary>The set-ups of one protocol, or of all, without those that have a quirk.</summary>
    public static IEnumerable<string> GetNames(string? protocol = null, ServerQuirks without = ServerQuirks.None) =>
        SetUps
            .Where(pair => (protocol is null || pair.Value.Protocol == protocol) && (pair.Value.Quirks & without) == ServerQuirks.None)
            .Select(pair => pair.Key);

    /// <summary>Odd names that the server takes.</summary>
    public static IReadOnlyList<string> GetOddNames(string name, bool forFolders = false)
    {
        var quirks = SetUps[name].Quirks;
        return
        [
            .. OddNames.All
                .Where(odd => (quirks & ServerQuirks.PlainNames) == ServerQuirks.None || (!odd.Contains('\\', StringComparison.Ordinal) && !odd.EndsWith(' ')))
                .Where(odd => !forFolders || (quirks & ServerQuirks.NoAsteriskFolders) == ServerQuirks.None || !odd.Contains('*', StringComparison.Ordinal)),
        ];
    }

    /// <summary>The set-up's server that all tests of this run share; it ends with the run. Nobody stops, pauses or reconfigures it.</summary>
    public static Task<ContractServer> GetSharedAsync(string name) =>
        Shared.GetOrAdd(name, key => new Lazy<Task<ContractServer>>(SetUps[key].Start)).Value;

    /// <summary>A server of the same set-up for one test alone, to be disposed by it.</summary>
    public static Task<ContractServer> StartOwnAsync(string name) => SetUps[name].Start();

    /// <summary>A set-up for one test alone, around a server that the test started.</summary>
    public static ContractServer For(FtpServer server) => Of(server);

    /// <summary>Settings that work.</summary>
    public BackendSettings CreateSettings() => new()
    {
        Name = "contract",
        Host = Server.Host,
        Port = Server.Port,
        Username = Server.Username,
        Password = _usesPassword ? new Secret(Server.Password) : null,
        Root = Server.RemoteRoot,
        ConnectTimeout = TimeSpan.FromSeconds(20),
        OperationTimeout = TimeSpan.FromSeconds(20),
        StallTimeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>A connector, as the host makes one: options bound from configuration, validated, given to the driver.</summary>
    /// <param name="change">Changes the settings that work.</param>
    /// <param name="options">Keys of the driver's own section that replace those that work; null removes one.</param>
    public IBackendConnector CreateConnector(
        Func<BackendSettings, BackendSettings>? change = null, IReadOnlyDictionary<string, string?>? options = null)
    {
        var settings = change is null ? CreateSettings() : change(CreateSettings());
        var merged = new Dictionary<string, string?>(_options, StringComparer.Ordinal);
        foreach (var (key, value) in options ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            merged[key] = value;
        }

        return Drivers.CreateConnector(Protocol, settings, merged.Where(option => option.Value is not null));
    }

    /// <summary>The keys that configure the gateway for this server, below <c>Gateway:Backends:NAME</c>.</summary>
    public Dictionary<string, string?> CreateConfiguration(string backend)
    {
        var settings = CreateSettings();
        var keys = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Protocol"] = Protocol,
            ["Host"] = settings.Host,
            ["Port"] = settings.Port.ToString(CultureInfo.InvariantCulture),
            ["Username"] = settings.Username,
            ["Root"] = settings.Root,
        };
        if (settings.Password is { } password)
        {
            keys["Password"] = password.Reveal();
        }

        foreach (var (key, value) in _options)
        {
            keys[(IsSftp ? "Sftp:" : "Ftps:") + key] = value;
        }

        return keys.ToDictionary(pair => $"Gateway:Backends:{backend}:{pair.Key}", pair => pair.Value, StringComparer.Ordinal);
    }

    /// <summary>Opens a connection and makes a folder for one test.</summary>
    public async Task<ContractRoom> OpenRoomAsync(Func<BackendSettings, BackendSettings>? change = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"room-{Interlocked.Increment(ref _rooms)}");
        Server.Files.CreateFolder("/" + name);
        var connector = CreateConnector(change);
        return new ContractRoom(this, connector, await connector.OpenAsync(CancellationToken.None), RemotePath.Root.Append(name));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static ContractServer WithKey(SshServer server) => Sftp(server, usesPassword: false, new(StringComparer.Ordinal)
    {
        ["PrivateKeyFile"] = server.UserKey.PrivateKeyFile,
        ["HostKeyFingerprints:0"] = server.HostKeyFingerprints[0],
    });

    private static ContractServer WithPassword(SshServer server) => Sftp(server, usesPassword: true, new(StringComparer.Ordinal)
    {
        ["HostKeyFingerprints:0"] = server.HostKeyFingerprints[0],
    });

    private static ContractServer WithKnownHosts(SshServer server) => Sftp(server, usesPassword: false, new(StringComparer.Ordinal)
    {
        ["PrivateKeyFile"] = server.UserKey.PrivateKeyFile,
        ["KnownHostsFile"] = server.KnownHostsFile,
    });

    private static ContractServer Of(AsyncSshServer server) => Sftp(server, usesPassword: true, new(StringComparer.Ordinal)
    {
        ["HostKeyFingerprints:0"] = server.HostKeyFingerprint,
    });

    private static ContractServer Of(RcloneSftpServer server) => Sftp(server, usesPassword: false, new(StringComparer.Ordinal)
    {
        ["PrivateKeyFile"] = server.UserKey.PrivateKeyFile,
        ["HostKeyFingerprints:0"] = server.HostKeyFingerprint,
    });

    private static ContractServer Of(FtpServer server) => new("ftps", server, usesPassword: true, new(StringComparer.Ordinal)
    {
        ["Mode"] = server.IsImplicit ? "implicit" : "explicit",
        ["CertificateAuthorityFile"] = server.AuthorityFile,
    });

    private static ContractServer Sftp(TestServer server, bool usesPassword, Dictionary<string, string?> options) =>
        new("sftp", server, usesPassword, options);

    private static SetUp Sftp(Func<Task<ContractServer>> start, ServerQuirks quirks = ServerQuirks.None) => new("sftp", quirks, start);

    private static SetUp Ftps(Func<Task<ContractServer>> start, ServerQuirks quirks = ServerQuirks.None) => new("ftps", quirks, start);

    private sealed record SetUp(string Protocol, ServerQuirks Quirks, Func<Task<ContractServer>> Start);
}
