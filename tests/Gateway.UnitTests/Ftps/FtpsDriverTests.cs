using Gateway.Broker.Backends;
using Gateway.Ftps;
using Gateway.Testing;
using Gateway.Testing.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.UnitTests.Ftps;

public sealed class FtpsDriverTests : IDisposable
{
    private static readonly BackendSettings Settings = new() { Name = "test", Host = "files.example.org", Port = 21, Username = "user", Password = new Secret("pw") };

    private readonly FtpsDriver _driver = new(TimeProvider.System, NullLoggerFactory.Instance);
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("explicit", 21)]
    [InlineData("implicit", 990)]
    [InlineData("Implicit", 990)]
    public void The_default_port_follows_the_mode(string mode, int port) => Assert.Equal(port, _driver.GetDefaultPort(new FtpsOptions { Mode = mode }));

    [Fact]
    public void Defaults_are_valid() => Assert.Empty(Validate(Settings, (FtpsOptions)_driver.CreateOptions()));

    [Fact]
    public void A_full_configuration_is_valid_and_makes_a_connector()
    {
        using var authority = new TestCertificateAuthority();
        var own = authority.CreateClientCertificate("gateway");
        var options = new FtpsOptions
        {
            Mode = "implicit",
            MinimumTlsVersion = "1.3",
            CertificateAuthorityFile = _folder.Write("ca.pem", authority.CertificatePem),
            ClientCertificateFile = _folder.Write("own.pem", own.CertificatePem + "\n" + own.PrivateKeyPem),
            CertificateFingerprints = { authority.CreateServerCertificate().Fingerprint },
        };
        Assert.Empty(Validate(Settings, options));
        Assert.False(_driver.CreateConnector(Settings, options).IsShareable);
    }

    [Fact]
    public void Every_error_is_reported_with_its_key()
    {
        var options = new FtpsOptions
        {
            Mode = "plain",
            MinimumTlsVersion = "1.1",
            CertificateAuthorityFile = _folder["missing.pem"],
            ClientCertificateFile = _folder.Write("no.pem", "secret content"),
            CertificateFingerprints = { "SHA256:short" },
        };
        var settings = Settings with { Root = "relative", Username = "a\nb", Password = new Secret("hunter2\n") };
        var errors = Validate(settings, options);
        Assert.Equal(
            ["Ftps:CertificateAuthorityFile", "Ftps:CertificateFingerprints:0", "Ftps:ClientCertificateFile", "Ftps:MinimumTlsVersion", "Ftps:Mode", "Password", "Root", "Username"],
            errors.Select(error => error.Key).Order(StringComparer.Ordinal));
        Assert.All(errors, error =>
        {
            Assert.DoesNotContain("hunter2", error.Sentence, StringComparison.Ordinal);
            Assert.DoesNotContain("secret content", error.Sentence, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder.Path, error.Sentence, StringComparison.Ordinal);
        });
    }

    public void Dispose() => _folder.Dispose();

    private List<(string Key, string Sentence)> Validate(BackendSettings settings, FtpsOptions options)
    {
        var errors = new List<(string, string)>();
        _driver.Validate(settings, options, (key, sentence) => errors.Add((key, sentence)));
        return errors;
    }
}
