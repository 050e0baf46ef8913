using System.Net.Security;
using System.Security.Authentication;

namespace Gateway.Ftps.Transport;

/// <summary>How to speak TLS with one backend.</summary>
internal sealed record TlsSettings
{
    /// <summary>The configured host: it goes into SNI where it is a name.</summary>
    public required string Host { get; init; }

    /// <summary>What certificates are accepted.</summary>
    public required CertificatePolicy Certificates { get; init; }

    /// <summary>TLS 1.2, 1.3 or both.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Our own certificate, where the server asks for one.</summary>
    public SslStreamCertificateContext? ClientCertificate { get; init; }
}
