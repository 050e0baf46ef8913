using Gateway.Broker.Backends;
using Gateway.Sftp;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp;

/// <summary>What ssh-keygen and the file system have to say about a configuration.</summary>
public sealed class SftpDriverTests : IDisposable
{
    private const string Pin = "SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ed25519", "OPENSSH")]
    [InlineData("rsa", "PEM")]
    [InlineData("ecdsa", "PKCS8")]
    public async Task A_key_is_tried_out_with_its_passphrase(string type, string format)
    {
        var key = await CreateKeyAsync(type, format, "open sesame");

        Assert.Empty(Validate(key, "open sesame\n"));
        Assert.Equal(("Sftp:PrivateKeyFile", "The passphrase in Sftp:PassphraseFile does not open this key."), Assert.Single(Validate(key, "wrong")));
        Assert.Contains("The key is encrypted.", Assert.Single(Validate(key)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_without_a_passphrase_is_fine() => Assert.Empty(Validate(await CreateKeyAsync("ed25519", "OPENSSH", "")));

    [Fact]
    public async Task A_key_that_others_can_read_is_refused_with_the_mode_to_set()
    {
        var key = await CreateKeyAsync("ed25519", "OPENSSH", "");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        Assert.Contains("0600", Assert.Single(Validate(key)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_and_foreign_keys_are_told_apart()
    {
        var key = await File.ReadAllTextAsync(await CreateKeyAsync("ed25519", "OPENSSH", ""));
        var publicKey = await File.ReadAllTextAsync(_folder["key.pub"]);

        Assert.Contains("line break at the end", Complaint(key.TrimEnd('\n')), StringComparison.Ordinal);
        Assert.Contains("Windows line ends", Complaint(key.Replace("\n", "\r\n", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("cut off", Complaint(key[..200]), StringComparison.Ordinal);
        Assert.Contains("public half", Complaint(publicKey), StringComparison.Ordinal);
        Assert.Contains("PuTTY", Complaint("PuTTY-User-Key-File-3: ssh-ed25519\n"), StringComparison.Ordinal);
        Assert.Contains("no private key", Complaint("something else\n"), StringComparison.Ordinal);
        Assert.Contains("empty", Complaint(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_is_compared_with_the_key()
    {
        var authority = await SshKeyPair.CreateAsync(_folder["authority"]);
        var key = await SshKeyPair.CreateAsync(_folder["mine"]);
        var other = await SshKeyPair.CreateAsync(_folder["other"]);
        var mine = await key.SignAsync(authority, "alice");
        var theirs = await other.SignAsync(authority, "bob");

        Assert.Empty(Validate(key.PrivateKeyFile, certificate: mine));
        Assert.Contains("another key", Assert.Single(Validate(key.PrivateKeyFile, certificate: theirs)).Sentence, StringComparison.Ordinal);
        Assert.Contains("no OpenSSH certificate", Assert.Single(Validate(key.PrivateKeyFile, certificate: key.PrivateKeyFile + ".pub")).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        var authority = await SshKeyPair.CreateAsync(_folder["authority"]);
        var key = await SshKeyPair.CreateAsync(_folder["mine"]);
        await Command.RunAsync("ssh-keygen", ["-q", "-s", authority.PrivateKeyFile, "-I", "x", "-n", "alice", "-V", "20200101:20210101", key.PrivateKeyFile + ".pub"]);

        Assert.Contains("expired", Assert.Single(Validate(key.PrivateKeyFile, certificate: key.PrivateKeyFile + "-cert.pub")).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# nothing but a comment\n\n", false)]
    [InlineData("files ssh-ed25519\n", false)]
    [InlineData("files ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEROZlDSPD9vURnYt7gdDUZIA\n", true)]
    [InlineData("|1|salt=|hash= ssh-rsa AAAAB3NzaC1yc2E\n", true)]
    [InlineData("# first\n@cert-authority *.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 comment\n", true)]
    public void A_known_hosts_file_needs_a_line(string content, bool isFine)
    {
        var errors = Validate(new SftpOptions { KnownHostsFile = _folder.Write("known_hosts", content) }, new Secret("hunter2"));

        Assert.Equal(isFine ? [] : ["Sftp:KnownHostsFile"], errors.Select(error => error.Key));
    }

    private string Complaint(string content)
    {
        var error = Assert.Single(Validate(_folder.WriteSecret("damaged", content)));
        Assert.Equal("Sftp:PrivateKeyFile", error.Key);
        Assert.DoesNotContain(_folder.Path, error.Sentence, StringComparison.Ordinal);
        return error.Sentence;
    }

    private List<(string Key, string Sentence)> Validate(string key, string? passphrase = null, string? certificate = null) =>
        Validate(
            new SftpOptions
            {
                PrivateKeyFile = key,
                PassphraseFile = passphrase is null ? null : _folder.WriteSecret("passphrase", passphrase),
                CertificateFile = certificate,
                HostKeyFingerprints = { Pin },
            },
            password: null);

    private static List<(string Key, string Sentence)> Validate(SftpOptions options, Secret? password)
    {
        var errors = new List<(string, string)>();
        var settings = new BackendSettings { Name = "files", Host = "files.example.com", Port = 22, Username = "alice", Password = password };
        new SftpDriver(TimeProvider.System).Validate(settings, options, (key, sentence) => errors.Add((key, sentence)));
        return errors;
    }

    private async Task<string> CreateKeyAsync(string type, string format, string passphrase)
    {
        string[] formatting = format == "OPENSSH" ? [] : ["-m", format];
        await Command.RunAsync("ssh-keygen", ["-q", "-t", type, .. formatting, "-N", passphrase, "-f", _folder["key"]]);
        return _folder["key"];
    }
}
