using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Testing.Certificates;

/// <summary>A throw-away certificate authority that no machine trusts.</summary>
public sealed class TestCertificateAuthority : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;

    /// <param name="name">The common name of the authority.</param>
    public TestCertificateAuthority(string name = "Gateway Test Authority")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(1));
    }

    /// <summary>The authority's certificate: what a client is given to trust.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>A server certificate of one of the kinds a client meets.</summary>
    public TestCertificate CreateServerCertificate(ServerCertificateKind kind = ServerCertificateKind.Valid)
    {
        using var key = RSA.Create(2048);
        var name = kind == ServerCertificateKind.OtherName ? "files.example.org" : "localhost";
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(GetNames(kind, name));

        var (from, to) = kind == ServerCertificateKind.Expired
            ? (DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(-1))
            : (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        using var certificate = kind == ServerCertificateKind.SelfSigned
            ? request.CreateSelfSigned(from, to)
            : request.Create(_certificate, from, to, RandomNumberGenerator.GetBytes(16));
        return new TestCertificate(
            certificate.ExportCertificatePem(),
            key.ExportPkcs8PrivateKeyPem(),
            "SHA256:" + Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)));
    }

    /// <summary>A client certificate for <paramref name="name"/>.</summary>
    public TestCertificate CreateClientCertificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var certificate = request.Create(
            _certificate, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30), RandomNumberGenerator.GetBytes(16));
        return new TestCertificate(
            certificate.ExportCertificatePem(),
            key.ExportPkcs8PrivateKeyPem(),
            "SHA256:" + Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private static X509Extension GetNames(ServerCertificateKind kind, string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (kind != ServerCertificateKind.OtherName)
        {
            // Fault proxies listen on neighbours of 127.0.0.1 so that data connections run through them too.
            for (byte last = 1; last < 10; last++)
            {
                names.AddIpAddress(new IPAddress([127, 0, 0, last]));
            }
        }

        return names.Build();
    }
}
