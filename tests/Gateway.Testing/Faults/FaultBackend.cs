using System.Globalization;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;

namespace Gateway.Testing.Faults;

/// <summary>A real server behind a proxy, and the configuration of the gateway's backend for it.</summary>
public sealed class FaultBackend : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _driver = new(StringComparer.Ordinal);

    private FaultBackend(string name, string protocol, TestServer server, TcpProxy proxy)
    {
        Name = name;
        Protocol = protocol;
        Server = server;
        Proxy = proxy;
    }

    /// <summary>The backend's name.</summary>
    public string Name { get; }

    /// <summary><c>sftp</c> or <c>ftps</c>.</summary>
    public string Protocol { get; }

    /// <summary>The server.</summary>
    public TestServer Server { get; }

    /// <summary>What the gateway connects to.</summary>
    public TcpProxy Proxy { get; }

    /// <summary>Whether the gateway connects to the proxy; else to the server itself.</summary>
    public bool IsProxied { get; init; } = true;

    /// <summary>The <c>Pool</c>, <c>Transfers</c> and <c>Listing</c> settings.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>An sshd.</summary>
    public static async Task<FaultBackend> StartSftpAsync(string name, SshServerOptions? options = null, bool isProxied = true)
    {
        var server = await SshServer.StartAsync(options);
        var backend = new FaultBackend(name, "sftp", server, TcpProxy.Start(server.Port)) { IsProxied = isProxied };
        backend._driver["Sftp:HostKeyFingerprints:0"] = server.HostKeyFingerprints[0];
        backend._driver["Sftp:PrivateKeyFile"] = server.UserKey.PrivateKeyFile;
        return backend;
    }

    /// <summary>A server by its kind, to be given to the gateway under that name: <c>sftp</c>, <c>vsftpd</c> or <c>proftpd</c>.</summary>
    public static async Task<FaultBackend> StartAsync(string kind) => kind switch
    {
        "vsftpd" => For(kind, await VsftpdServer.StartAsync()),
        "proftpd" => For(kind, await ProFtpdServer.StartAsync()),
        _ => await StartSftpAsync(kind),
    };

    /// <summary>A vsftpd or ProFTPD that was started.</summary>
    public static FaultBackend For(string name, FtpServer server)
    {
        var backend = new FaultBackend(name, "ftps", server, server.StartProxy());
        backend._driver["Password"] = server.Password;
        backend._driver["Ftps:Mode"] = server.IsImplicit ? "implicit" : "explicit";
        backend._driver["Ftps:CertificateAuthorityFile"] = server.AuthorityFile;
        return backend;
    }

    /// <summary>The configuration, by full key.</summary>
    /// <param name="name">The backend's name, where it is another.</param>
    public IEnumerable<KeyValuePair<string, string>> GetConfiguration(string? name = null)
    {
        var common = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Protocol"] = Protocol,
            ["Host"] = IsProxied ? Proxy.EndPoint.Address.ToString() : Server.Host,
            ["Port"] = (IsProxied ? Proxy.Port : Server.Port).ToString(CultureInfo.InvariantCulture),
            ["Username"] = Server.Username,
            ["Root"] = Server.RemoteRoot,
        };
        return common.Concat(_driver).Concat(Settings)
            .Select(pair => KeyValuePair.Create($"Gateway:Backends:{name ?? Name}:{pair.Key}", pair.Value));
    }

    /// <summary>Another way to log in: a new key for SFTP, for FTPS another lowest TLS version.</summary>
    public async Task RotateAsync()
    {
        if (Server is SshServer ssh)
        {
            var key = await SshKeyPair.CreateAsync(_folder[string.Create(CultureInfo.InvariantCulture, $"key-{Random.Shared.Next()}")]);
            ssh.Authorize(key.PublicKey);
            _driver["Sftp:PrivateKeyFile"] = key.PrivateKeyFile;
        }
        else
        {
            _driver["Ftps:MinimumTlsVersion"] = _driver.GetValueOrDefault("Ftps:MinimumTlsVersion") == "1.3" ? "1.2" : "1.3";
        }
    }

    /// <summary>Another value for a setting of the driver; null removes it.</summary>
    public void Set(string key, string? value)
    {
        if (value is null)
        {
            _driver.Remove(key);
        }
        else
        {
            _driver[key] = value;
        }
    }

    /// <summary>The network and the server work again.</summary>
    public async Task HealAsync()
    {
        foreach (var direction in new[] { Proxy.ToServer, Proxy.ToClient })
        {
            direction.Delay = TimeSpan.Zero;
            direction.BytesPerSecond = null;
            direction.Thaw();
        }

        Proxy.RefusesConnections = false;
        Proxy.CutForgotten();
        if (!Server.IsRunning)
        {
            await Server.StartAgainAsync();
        }

        Server.Resume();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
