using Gateway.Broker.Backends;
using Gateway.Sftp;
using Gateway.Testing;

namespace Gateway.UnitTests.Sftp;

public sealed class SftpOptionsValidatorTests
{
    private const string Pin = "SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU";

    [Fact]
    public void A_password_and_a_pinned_key_suffice() => Assert.Empty(Validate(NewSettings(), NewOptions()));

    [Fact]
    public void Every_error_is_reported_at_once_under_its_own_key()
    {
        var settings = NewSettings() with { Host = "sftp://files:22", Username = "-l", Password = null };
        var options = new SftpOptions { ProxyJump = "gate:0", BannerTimeout = TimeSpan.Zero, PassphraseFile = "/nowhere/passphrase" };

        var errors = Validate(settings, options);

        Assert.Equal(
            ["Host", "Sftp:BannerTimeout", "Sftp:HostKeyFingerprints", "Sftp:PassphraseFile", "Sftp:PrivateKeyFile", "Sftp:ProxyJump", "Username"],
            errors.Select(error => error.Key).Distinct().Order(StringComparer.Ordinal));
        Assert.All(errors, error => Assert.EndsWith(".", error.Sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void A_backend_that_would_accept_any_server_is_refused()
    {
        var error = Assert.Single(Validate(NewSettings(), new SftpOptions()));

        Assert.Equal("Sftp:HostKeyFingerprints", error.Key);
        Assert.Contains("Sftp:KnownHostsFile", error.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_needs_a_key_or_a_password()
    {
        var error = Assert.Single(Validate(NewSettings() with { Password = null }, NewOptions()));

        Assert.Equal("Sftp:PrivateKeyFile", error.Key);
        Assert.Contains("PasswordFile", error.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_fingerprint_is_judged_by_itself()
    {
        var options = new SftpOptions { HostKeyFingerprints = { Pin, "MD5:16:27:ac:a5", Pin + "=", "nonsense" } };

        var errors = Validate(NewSettings(), options);

        Assert.Equal(["Sftp:HostKeyFingerprints:1", "Sftp:HostKeyFingerprints:3"], errors.Select(error => error.Key));
    }

    [Theory]
    [InlineData("two\nlines", "more than one line")]
    [InlineData("nul\0", "more than one line")]
    public void A_password_that_cannot_be_typed_is_refused_and_not_shown(string password, string expected)
    {
        var error = Assert.Single(Validate(NewSettings() with { Password = new Secret(password) }, NewOptions()));

        Assert.Equal("Password", error.Key);
        Assert.Contains(expected, error.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(password, error.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_longer_than_ssh_reads_is_refused() =>
        Assert.Contains("1000 bytes", Assert.Single(Validate(NewSettings() with { Password = new Secret(new string('ä', 501)) }, NewOptions())).Sentence, StringComparison.Ordinal);

    [Theory]
    [InlineData("/nowhere/key", "does not exist")]
    [InlineData("/", "folder")]
    [InlineData("~/.ssh/id_ed25519", "'~'")]
    [InlineData("/keys/${USER}", "'${'")]
    public void A_file_that_cannot_be_used_is_named_by_its_key_and_not_by_its_path(string path, string expected)
    {
        var error = Assert.Single(Validate(NewSettings(), NewOptions(path)));

        Assert.Equal("Sftp:PrivateKeyFile", error.Key);
        Assert.Contains(expected, error.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_passphrase_or_a_certificate_without_a_key_is_pointed_out()
    {
        using var folder = new TempFolder();
        var options = NewOptions();
        options.PassphraseFile = options.CertificateFile = folder.Write("file", "text\n");

        var errors = Validate(NewSettings(), options);

        Assert.Contains(errors, error => error.Key == "Sftp:PassphraseFile" && error.Sentence.Contains("Sftp:PrivateKeyFile", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Key == "Sftp:CertificateFile" && error.Sentence.Contains("Sftp:PrivateKeyFile", StringComparison.Ordinal));
    }

    private static List<(string Key, string Sentence)> Validate(BackendSettings settings, SftpOptions options)
    {
        var errors = new List<(string, string)>();
        new SftpDriver(TimeProvider.System).Validate(settings, options, (key, sentence) => errors.Add((key, sentence)));
        return errors;
    }

    private static BackendSettings NewSettings() => new()
    {
        Name = "files", Host = "files.example.com", Port = 22, Username = "alice", Password = new Secret("hunter2"),
    };

    private static SftpOptions NewOptions(string? key = null) => new() { PrivateKeyFile = key, HostKeyFingerprints = { Pin } };
}
