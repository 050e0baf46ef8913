using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Testing;
using Gateway.Testing.Certificates;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.Surface;

/// <summary>A gateway that ends TLS itself, with its certificate where Kubernetes would mount it: behind a link that is swapped as a whole.</summary>
internal sealed class TlsGateway : IAsyncDisposable
{
    private readonly TestCertificateAuthority _issuer = new();
    private readonly X509Certificate2 _authority;
    private int _versions;

    private TlsGateway()
    {
        _authority = X509Certificate2.CreateFromPem(_issuer.CertificatePem);
        Rotate();
    }

    public TempFolder Folder { get; } = new();

    public MemoryBackend Backend { get; } = new();

    public GatewayHost Host { get; private set; } = null!;

    public string CertificateFile => Folder["mount/tls.crt"];

    public string KeyFile => Folder["mount/tls.key"];

    /// <summary>Starts one on a port of loopback.</summary>
    /// <param name="configure">Further settings.</param>
    public static async Task<TlsGateway> StartAsync(Action<TlsGateway, Dictionary<string, string?>>? configure = null)
    {
        var gateway = new TlsGateway();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Kestrel:Certificates:Default:Path"] = gateway.CertificateFile,
            ["Kestrel:Certificates:Default:KeyPath"] = gateway.KeyFile,
        };
        configure?.Invoke(gateway, settings);
        gateway.Host = await GatewayHost.StartAsync(
            new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["files"] = gateway.Backend }, settings, url: "https://127.0.0.1:0;http://127.0.0.1:0");
        return gateway;
    }

    /// <summary>Puts another certificate in place of the one there is.</summary>
    /// <param name="key">A key that is none of its own.</param>
    /// <returns>Its thumbprint.</returns>
    public string Rotate(string? key = null)
    {
        var version = $"version-{_versions++}";
        Folder.CreateFolder(version);
        var certificate = _issuer.CreateServerCertificate();
        Folder.Write(version + "/tls.crt", certificate.CertificatePem + "\n" + _issuer.CertificatePem);
        Folder.WriteSecret(version + "/tls.key", key ?? certificate.PrivateKeyPem);

        Folder.SwapLink("mount", version);
        return Thumbprint(certificate.CertificatePem);
    }

    public static string Thumbprint(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }

    public HttpClient CreateClient(Version version)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.TrustOnly(_authority);
        return new HttpClient(handler)
        {
            BaseAddress = Host.BaseAddress,
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Shakes hands.</summary>
    /// <returns>The thumbprint of the certificate that was shown, how many came with it, and the version that was agreed on.</returns>
    public async Task<(string Thumbprint, int Certificates, SslProtocols Version)> HandshakeAsync(SslProtocols versions = SslProtocols.None)
    {
        var (thumbprint, certificates) = ("", 0);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Host.BaseAddress.Port));
        await using var stream = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = versions,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                thumbprint = certificate!.GetCertHashString(HashAlgorithmName.SHA256);
                certificates = 1 + chain!.ChainPolicy.ExtraStore.Count;
                return certificate is not null;
            },
        });
        return (thumbprint, certificates, stream.SslProtocol);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _authority.Dispose();
        _issuer.Dispose();
        Folder.Dispose();
    }
}
