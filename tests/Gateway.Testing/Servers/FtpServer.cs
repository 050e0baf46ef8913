using System.Globalization;
using System.Net;
using Gateway.Testing.Certificates;
using Gateway.Testing.Network;

namespace Gateway.Testing.Servers;

/// <summary>What the FTPS servers have in common: certificate, TLS versions, a range of passive ports.</summary>
public abstract class FtpServer : TestServer
{
    private const int PassivePortCount = 100;

    // One authority for all: making keys takes time, and a client is given its certificate anyway.
    private static readonly Lazy<TestCertificateAuthority> SharedAuthority = new(() => new TestCertificateAuthority());

    private protected FtpServer(FtpServerOptions options, SystemAccount account, TempFolder folder)
        : base(account, folder, new ServerFiles(account, folder.CreateFolder("data")))
    {
        Options = options;
        PassivePorts = FreePort.NextRange(PassivePortCount);
        Certificate = SharedAuthority.Value.CreateServerCertificate(options.Certificate);
        AuthorityFile = folder.Write("authority.pem", SharedAuthority.Value.CertificatePem);
        CertificateFile = folder.Write("certificate.pem", Certificate.CertificatePem);
        KeyFile = folder.WriteSecret("key.pem", Certificate.PrivateKeyPem);
        CombinedFile = folder.WriteSecret("combined.pem", Certificate.PrivateKeyPem + "\n" + Certificate.CertificatePem + "\n");
        folder.Write("openssl.cnf", BuildOpenSslConfiguration());
    }

    /// <summary>The name in the certificate.</summary>
    public override string Host => "localhost";

    /// <summary>Sessions see their folder as <c>/</c>.</summary>
    public override string RemoteRoot => "/";

    /// <summary>The certificate in use.</summary>
    public TestCertificate Certificate { get; private set; }

    /// <summary>The authority that issued it, for a client to trust.</summary>
    public string AuthorityFile { get; }

    /// <summary>Whether TLS starts with the first byte.</summary>
    public bool IsImplicit => Options.Implicit;

    private protected FtpServerOptions Options { get; }

    private protected int PassivePorts { get; }

    private protected int LastPassivePort => PassivePorts + PassivePortCount - 1;

    private protected string CertificateFile { get; }

    private protected string KeyFile { get; }

    private protected string CombinedFile { get; }

    /// <summary>
    /// Puts a proxy before the control port and every passive port. It listens on a neighbour of 127.0.0.1, with the same
    /// port numbers: a client that connects data channels to the control connection's address runs through it with all.
    /// </summary>
    public TcpProxy StartProxy(byte lastOctet = 2)
    {
        var address = new IPAddress([127, 0, 0, lastOctet]);
        var ports = Enumerable.Range(PassivePorts, PassivePortCount).Prepend(Port);
        return TcpProxy.Start(address, ports, IPAddress.Loopback);
    }

    /// <summary>Restarts with another certificate for the same names.</summary>
    public async Task ReplaceCertificateAsync(ServerCertificateKind kind = ServerCertificateKind.Valid)
    {
        await StopAsync();
        Certificate = SharedAuthority.Value.CreateServerCertificate(kind);
        Folder.Write("certificate.pem", Certificate.CertificatePem);
        Folder.WriteSecret("key.pem", Certificate.PrivateKeyPem);
        Folder.WriteSecret("combined.pem", Certificate.PrivateKeyPem + "\n" + Certificate.CertificatePem + "\n");
        await LaunchAsync();
    }

    private protected override ValueTask<bool> IsReadyAsync(string log) => CanConnectAsync();

    /// <summary>The environment that limits TLS versions, whatever the server can say about them in its own configuration.</summary>
    private protected Dictionary<string, string> GetEnvironment(string? package)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["OPENSSL_CONF"] = Folder["openssl.cnf"] };
        if (package is not null)
        {
            foreach (var (key, value) in ServerPackages.GetEnvironment(package))
            {
                environment[key] = value;
            }
        }

        return environment;
    }

    private string BuildOpenSslConfiguration() => string.Create(CultureInfo.InvariantCulture, $"""
        openssl_conf = defaults
        [defaults]
        ssl_conf = tls
        [tls]
        system_default = limits
        [limits]
        MinProtocol = TLSv{Options.MinimumTls}
        MaxProtocol = TLSv{Options.MaximumTls}

        """);
}
