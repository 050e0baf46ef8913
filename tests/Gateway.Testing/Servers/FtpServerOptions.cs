using Gateway.Testing.Certificates;

namespace Gateway.Testing.Servers;

/// <summary>How an FTPS server is set up. The default: explicit TLS, a valid certificate, TLS 1.2 and 1.3.</summary>
public sealed record FtpServerOptions
{
    /// <summary>TLS from the first byte instead of after <c>AUTH TLS</c>.</summary>
    public bool Implicit { get; init; }

    /// <summary>The lowest TLS version offered, such as <c>1.2</c>.</summary>
    public string MinimumTls { get; init; } = "1.2";

    /// <summary>The highest TLS version offered.</summary>
    public string MaximumTls { get; init; } = "1.3";

    /// <summary>What the certificate is like.</summary>
    public ServerCertificateKind Certificate { get; init; }

    /// <summary>False: clear-text FTP only, as a server without a certificate.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Further lines of the server's own configuration file, after all others.</summary>
    public IReadOnlyList<string> ExtraLines { get; init; } = [];
}
