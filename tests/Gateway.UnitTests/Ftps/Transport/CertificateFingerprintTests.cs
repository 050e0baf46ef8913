using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Ftps.Transport;
using Gateway.Testing.Certificates;

namespace Gateway.UnitTests.Ftps.Transport;

public sealed class CertificateFingerprintTests
{
    private static readonly TestCertificate Certificate = CreateCertificate();
    private static readonly byte[] Hash = Convert.FromHexString(Certificate.Fingerprint["SHA256:".Length..]);
    private static readonly CertificateFingerprint Expected = CertificateFingerprint.Of(X509Certificate2.CreateFromPem(Certificate.CertificatePem));

    [Fact]
    public void It_is_the_hash_of_the_whole_certificate() => Assert.Equal("SHA256:" + Convert.ToBase64String(Hash).TrimEnd('='), Expected.ToString());

    [Fact]
    public void Every_form_that_tools_print_is_read()
    {
        var base64 = Convert.ToBase64String(Hash);
        var hex = Convert.ToHexString(Hash);
        var colons = string.Join(':', Hash.Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
        foreach (var text in new[]
        {
            "SHA256:" + base64, "SHA256:" + base64.TrimEnd('='), "sha256:" + hex, "SHA256:" + colons, hex, Convert.ToHexStringLower(Hash), colons,
            "sha256 Fingerprint=" + colons, "SHA256 Fingerprint=" + colons, "  " + hex + " ",
        })
        {
            Assert.True(CertificateFingerprint.TryParse(text, out var fingerprint), text);
            Assert.Equal(Expected, fingerprint);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("SHA256:")]
    [InlineData("SHA256:AAAA")]
    [InlineData("MD5:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("00:11:22")]
    [InlineData("SHA1 Fingerprint=00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g")]
    [InlineData("00.01.02.03.04.05.06.07.08.09.0a.0b.0c.0d.0e.0f.10.11.12.13.14.15.16.17.18.19.1a.1b.1c.1d.1e.1f")]
    public void What_is_none_is_refused(string text) => Assert.False(CertificateFingerprint.TryParse(text, out _));

    [Fact]
    public void Another_certificate_has_another()
    {
        Assert.True(CertificateFingerprint.TryParse(Convert.ToHexString(SHA256.HashData("x"u8)), out var other));
        Assert.NotEqual(Expected, other);
    }

    private static TestCertificate CreateCertificate()
    {
        using var authority = new TestCertificateAuthority();
        return authority.CreateServerCertificate();
    }
}
