using System.Text.Json;
using Gateway.Api.Identity;
using Gateway.Api.Links;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Secrets;

/// <summary>Configuration with every kind of secret, right and wrong, over two real servers.</summary>
internal sealed class SecretWorld(SecretHunt hunt, TempFolder folder, SecretVolume volume, SshServer ssh, FtpServer ftps)
{
    private static readonly string[] s_grants = ["all"];
    private static readonly string[] s_verbs = ["list", "read", "write", "delete", "admin"];

    private readonly string _passphrase = hunt.Add("passphrase", SecretHunt.NewValue("Pass"));
    private readonly string _nextPassphrase = hunt.Add("next passphrase", SecretHunt.NewValue("Next"));
    private readonly (string Key, ApiKeyHash Hash) _apiKey = ApiKeyHash.Create();
    private readonly string _linkKey = hunt.Add("key of links", LinkKey.Create());
    private readonly string _nextLinkKey = hunt.Add("next key of links", LinkKey.Create());
    private string _keyText = "";
    private string _nextKeyText = "";

    /// <summary>Every backend.</summary>
    public string[] Backends { get; } = ["key", "password", "wrong", "mismatch", "ftps", "ftpswrong"];

    /// <summary>Where the gateway puts temporary files.</summary>
    public string TemporaryFolder { get; } = folder.CreateFolder("tmp");

    /// <summary>A key that is let in.</summary>
    public string ApiKey => hunt.Add("API key that is good", _apiKey.Key);

    private string CollectorKey { get; } = hunt.Add("collector's key", SecretHunt.NewValue("Otel"));

    private string WrongPassword { get; } = hunt.Add("wrong password", SecretHunt.NewValue("Wrong"));

    /// <summary>Makes keys and files.</summary>
    public async Task PrepareAsync()
    {
        hunt.Add("password", ssh.Password);
        hunt.Add("hash of an API key", _apiKey.Hash.ToString());
        hunt.Add("end of the hash of an API key", _apiKey.Hash.ToString().Split('.')[^1]);
        _keyText = await MakeKeyAsync("key", _passphrase);
        _nextKeyText = await MakeKeyAsync("next", _nextPassphrase);
        ssh.Files.Write("/a", "hello"u8.ToArray());
        ftps.Files.Write("/a", "hello"u8.ToArray());
        Write(_keyText, _passphrase, _linkKey);
        folder.Write("gateway.json", JsonSerializer.Serialize(Configuration()));
    }

    /// <summary>
    /// The gateway's variables, which hold no secret: a child that has not yet begun its own program still shows those of its parent.
    /// </summary>
    public Dictionary<string, string?> Environment(Uri collector) => new(StringComparer.Ordinal)
    {
        ["GATEWAY_CONFIG"] = folder["gateway.json"],
        ["GATEWAY_SECRETS"] = volume.Path,
        ["TMPDIR"] = TemporaryFolder,
        ["Logging__LogLevel__Default"] = "Trace",
        ["Logging__LogLevel__Microsoft"] = "Trace",
        ["Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace",
        ["Logging__Console__LogLevel__Default"] = "Trace",
        ["Logging__Console__FormatterOptions__IncludeScopes"] = "true",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
    };

    /// <summary>Another key with another passphrase, as a rotation brings them.</summary>
    public void Rotate() => Write(_nextKeyText, _nextPassphrase, _nextLinkKey);

    /// <summary>A passphrase that opens nothing: the gateway must refuse it and go on.</summary>
    public void Break() => Write(_nextKeyText, WrongPassword, WrongPassword);

    private void Write(string key, string passphrase, string linkKey) => volume.Write(
        ("key", key),
        ("passphrase", passphrase + "\n"),
        ("password", ssh.Password + "\n"),
        ("links", linkKey),
        ("Gateway__Identity__ApiKeys__app__Hash", _apiKey.Hash.ToString()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=" + CollectorKey),
        ("Gateway__Backends__mismatch__Password", ssh.Password),
        ("Gateway__Backends__wrong__Password", WrongPassword),
        ("Gateway__Backends__ftpswrong__Password", WrongPassword));

    private async Task<string> MakeKeyAsync(string name, string passphrase)
    {
        var pair = await SshKeyPair.CreateAsync(folder[name], passphrase: passphrase);
        ssh.Authorize(pair.PublicKey);
        var text = await File.ReadAllTextAsync(pair.PrivateKeyFile);
        hunt.AddPrivateKey("private key", text);
        return text;
    }

    private Dictionary<string, object> Configuration() => new(StringComparer.Ordinal)
    {
        ["Gateway"] = new
        {
            Identity = new { Anonymous = true, ApiKeys = new { app = new { Grants = s_grants } } },
            Grants = new { all = new[] { new { Backend = "*", Path = "/**", Allow = s_verbs } } },
            Links = new { KeyFile = volume["links"] },
            Backends = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["key"] = Ssh(ssh.HostKeyFingerprints[0], new { PrivateKeyFile = volume["key"], PassphraseFile = volume["passphrase"], HostKeyFingerprints = ssh.HostKeyFingerprints }),
                ["password"] = Ssh(ssh.HostKeyFingerprints[0], passwordFile: volume["password"]),
                ["wrong"] = Ssh(ssh.HostKeyFingerprints[0]),
                ["mismatch"] = Ssh("SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"),
                ["ftps"] = Ftp(volume["password"]),
                ["ftpswrong"] = Ftp(null),
            },
        },
    };

    private object Ssh(string pin, object? sftp = null, string? passwordFile = null) => new
    {
        Protocol = "sftp", ssh.Host, ssh.Port, ssh.Username, Root = ssh.RemoteRoot, PasswordFile = passwordFile,
        Sftp = sftp ?? new { HostKeyFingerprints = new[] { pin } },
    };

    private object Ftp(string? passwordFile) => new
    {
        Protocol = "ftps", ftps.Host, ftps.Port, ftps.Username, Root = ftps.RemoteRoot, PasswordFile = passwordFile,
        Ftps = new { CertificateAuthorityFile = ftps.AuthorityFile },
    };
}
