namespace Gateway.Testing.Certificates;

/// <summary>A certificate with its key.</summary>
/// <param name="CertificatePem">The certificate.</param>
/// <param name="PrivateKeyPem">Its private key, PKCS#8, not encrypted.</param>
/// <param name="Fingerprint"><c>SHA256:</c> and the hash of the whole certificate in lower-case hex.</param>
public sealed record TestCertificate(string CertificatePem, string PrivateKeyPem, string Fingerprint);
