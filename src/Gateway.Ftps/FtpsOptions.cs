namespace Gateway.Ftps;

/// <summary>The keys of a backend's <c>Ftps</c> section.</summary>
public sealed class FtpsOptions
{
    /// <summary><c>explicit</c>: AUTH TLS on a clear connection, usually port 21. <c>implicit</c>: TLS from the first byte, usually 990.</summary>
    public string Mode { get; set; } = "explicit";

    /// <summary>PEM file of the authorities that may have issued the server's certificate; the system's where it is not set.</summary>
    public string? CertificateAuthorityFile { get; set; }

    /// <summary>
    /// Accepted server certificates: SHA-256 of the DER, <c>SHA256:</c> and base64, or the hexadecimal of <c>openssl x509 -fingerprint
    /// -sha256</c>. Where there are any, they decide alone: a certificate that is none of them is refused, whoever issued it, and one of
    /// them is accepted, self-signed or not. List two to exchange a certificate without an interruption.
    /// </summary>
    public IList<string> CertificateFingerprints { get; init; } = [];

    /// <summary><c>1.2</c> or <c>1.3</c>.</summary>
    public string MinimumTlsVersion { get; set; } = "1.2";

    /// <summary>PEM file with the gateway's own certificate, its chain and its key without a passphrase, for servers that ask for one.</summary>
    public string? ClientCertificateFile { get; set; }
}
