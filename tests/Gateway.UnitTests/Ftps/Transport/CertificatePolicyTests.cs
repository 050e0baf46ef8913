using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Gateway.Ftps.Transport;
using Gateway.Testing.Certificates;

namespace Gateway.UnitTests.Ftps.Transport;

public sealed class CertificatePolicyTests
{
    private static readonly TestCertificateAuthority Authority = new();

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("127.0.0.1")]
    public void A_certificate_of_theAuthority_for_the_host_is_accepted(string host) => Assert.Null(FindFault(host, ServerCertificateKind.Valid));

    [Theory]
    [InlineData(ServerCertificateKind.OtherName, "does not name the host localhost")]
    [InlineData(ServerCertificateKind.Expired, "expired")]
    [InlineData(ServerCertificateKind.SelfSigned, "Ftps:CertificateAuthorityFile")]
    public void What_is_wrong_is_said_with_the_fingerprint_to_pin(ServerCertificateKind kind, string expected)
    {
        var certificate = Authority.CreateServerCertificate(kind);
        var fault = FindFault("localhost", certificate);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.Contains(CertificateFingerprint.Of(Load(certificate)).ToString(), fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_is_not_named_by_a_certificate_for_another_address() =>
        Assert.Contains("192.0.2.1", FindFault("192.0.2.1", ServerCertificateKind.Valid), StringComparison.Ordinal);

    [Fact]
    public void Without_anAuthority_the_systems_roots_count() =>
        Assert.Contains("this system trusts", FindFault("localhost", Authority.CreateServerCertificate(), withAuthority: false), StringComparison.Ordinal);

    [Theory]
    [InlineData(ServerCertificateKind.OtherName)]
    [InlineData(ServerCertificateKind.Expired)]
    [InlineData(ServerCertificateKind.SelfSigned)]
    public void A_pin_is_enough_by_itself(ServerCertificateKind kind)
    {
        var certificate = Authority.CreateServerCertificate(kind);
        Assert.Null(FindFault("localhost", certificate, pins: [CertificateFingerprint.Of(Load(certificate))]));
    }

    [Fact]
    public void Where_there_are_pins_nothing_else_will_do()
    {
        var other = CertificateFingerprint.Of(Load(Authority.CreateServerCertificate()));
        var fault = FindFault("localhost", Authority.CreateServerCertificate(), pins: [other]);
        Assert.Contains("none of Ftps:CertificateFingerprints", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_of_two_pins_will_do()
    {
        var certificate = Authority.CreateServerCertificate(ServerCertificateKind.SelfSigned);
        var next = CertificateFingerprint.Of(Load(Authority.CreateServerCertificate()));
        Assert.Null(FindFault("localhost", certificate, pins: [next, CertificateFingerprint.Of(Load(certificate))]));
    }

    [Fact]
    public void No_certificate_is_a_fault() =>
        Assert.NotNull(new CertificatePolicy("localhost", null, []).FindFault(null, null, SslPolicyErrors.RemoteCertificateNotAvailable));

    private string? FindFault(string host, ServerCertificateKind kind) => FindFault(host, Authority.CreateServerCertificate(kind));

    private string? FindFault(string host, TestCertificate shown, bool withAuthority = true, IReadOnlyCollection<CertificateFingerprint>? pins = null)
    {
        var policy = new CertificatePolicy(host, withAuthority ? [X509Certificate2.CreateFromPem(Authority.CertificatePem)] : null, pins ?? []);
        using var chain = new X509Chain { ChainPolicy = policy.CreateChainPolicy() };
        var certificate = Load(shown);
        var errors = chain.Build(certificate) ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateChainErrors;
        return policy.FindFault(certificate, chain, errors);
    }

    private static X509Certificate2 Load(TestCertificate certificate) => X509Certificate2.CreateFromPem(certificate.CertificatePem);
}
