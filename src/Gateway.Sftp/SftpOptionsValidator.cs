using System.Text;
using Gateway.Broker.Backends;
using Gateway.Sftp.Transport;

namespace Gateway.Sftp;

/// <summary>
/// Judges one SFTP backend's configuration: what would make ssh fail later, with words that ssh does not have. No message holds a
/// path or a secret; the key says which file is meant.
/// </summary>
internal sealed class SftpOptionsValidator
{
    // ssh reads an answer into 1,024 bytes.
    private const int LongestSecret = 1000;
    private const int LargestTextFile = 64 * 1024;

    private readonly BackendSettings _settings;
    private readonly SftpOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<string, string> _report;

    public SftpOptionsValidator(BackendSettings settings, SftpOptions options, TimeProvider time, Action<string, string> report)
    {
        _settings = settings;
        _options = options;
        _time = time;
        _report = report;
    }

    /// <summary>Reports every error.</summary>
    public void Run()
    {
        ReportIf("Protocol", SshProgram.WhyNot(SshProgram.Find("ssh")));
        CheckAddress();
        CheckCredentials();
        CheckHostKeyRules();
        if (_options.BannerTimeout <= TimeSpan.Zero || _options.BannerTimeout > TimeSpan.FromMinutes(10))
        {
            _report("Sftp:BannerTimeout", "Write a time between 00:00:01 and 00:10:00.");
        }
    }

    private void CheckAddress()
    {
        ReportIf("Host", SshAddress.WhyNotHost(_settings.Host));
        ReportIf("Username", SshAddress.WhyNotUser(_settings.Username));
        if (_options.ProxyJump is { Length: > 0 } chain && !SshAddress.TryParseJumps(chain, out _, out var reason))
        {
            ReportIf("Sftp:ProxyJump", reason);
        }
    }

    private void CheckCredentials()
    {
        if (string.IsNullOrEmpty(_options.PrivateKeyFile) && _settings.Password is null)
        {
            _report("Sftp:PrivateKeyFile", "Write the path of a private key here, or set PasswordFile: an account needs one of them.");
        }

        if (_settings.Password is { } password)
        {
            ReportIf("Password", WhyNotSecret(password.Reveal()));
        }

        var passphrase = ReadPassphrase();
        var publicKey = CheckPrivateKey(passphrase);
        CheckCertificate(publicKey);
    }

    private string? ReadPassphrase()
    {
        const string Key = "Sftp:PassphraseFile";
        if (string.IsNullOrEmpty(_options.PassphraseFile))
        {
            return null;
        }

        if (string.IsNullOrEmpty(_options.PrivateKeyFile))
        {
            _report(Key, "A passphrase opens a private key: set Sftp:PrivateKeyFile too, or remove this.");
        }

        if (!IsReadableFile(Key, _options.PassphraseFile))
        {
            return null;
        }

        var passphrase = ReadText(_options.PassphraseFile).TrimEnd('\r', '\n');
        var reason = WhyNotSecret(passphrase);
        ReportIf(Key, reason);
        return reason is null ? passphrase : null;
    }

    /// <returns>The public half, where the key can be used.</returns>
    private byte[]? CheckPrivateKey(string? passphrase)
    {
        const string Key = "Sftp:PrivateKeyFile";
        if (string.IsNullOrEmpty(_options.PrivateKeyFile) || !IsReadableFile(Key, _options.PrivateKeyFile))
        {
            return null;
        }

        var passphraseIsBroken = passphrase is null && !string.IsNullOrEmpty(_options.PassphraseFile);
        if (passphraseIsBroken)
        {
            // Reported already; without it nothing can be said about the key.
            return null;
        }

        ReportIf(Key, PrivateKeyFile.WhyNot(Path.GetFullPath(_options.PrivateKeyFile), passphrase, out var publicKey));
        return publicKey;
    }

    private void CheckCertificate(byte[]? publicKey)
    {
        const string Key = "Sftp:CertificateFile";
        if (string.IsNullOrEmpty(_options.CertificateFile))
        {
            return;
        }

        if (string.IsNullOrEmpty(_options.PrivateKeyFile))
        {
            _report(Key, "A certificate goes with a private key: set Sftp:PrivateKeyFile too, or remove this.");
        }

        if (!IsReadableFile(Key, _options.CertificateFile))
        {
            return;
        }

        if (SshCertificate.TryParse(ReadText(_options.CertificateFile)) is not { } certificate)
        {
            _report(Key, "This is no OpenSSH certificate. 'ssh-keygen -s' makes one, in a file that ends in '-cert.pub'.");
        }
        else if (!certificate.IsForUsers)
        {
            _report(Key, "This is a host's certificate. Have one made for a user: 'ssh-keygen -s' without '-h'.");
        }
        else if (certificate.ValidBefore <= _time.GetUtcNow())
        {
            _report(Key, FormattableString.Invariant($"The certificate has expired ({certificate.ValidBefore:u}). Have a new one made."));
        }
        else if (publicKey is not null && !publicKey.AsSpan().SequenceEqual(certificate.PublicKey))
        {
            _report(Key, "The certificate belongs to another key than Sftp:PrivateKeyFile.");
        }
    }

    private void CheckHostKeyRules()
    {
        if (_options.HostKeyFingerprints.Count == 0 && string.IsNullOrEmpty(_options.KnownHostsFile))
        {
            _report(
                "Sftp:HostKeyFingerprints",
                "Write the server's host key fingerprint, 'SHA256:…' ('ssh-keygen -lf' prints it on the server), or name a known hosts file in Sftp:KnownHostsFile.");
        }

        for (var i = 0; i < _options.HostKeyFingerprints.Count; i++)
        {
            if (!HostKeyFingerprint.TryParse(_options.HostKeyFingerprints[i], out _, out var reason))
            {
                _report(FormattableString.Invariant($"Sftp:HostKeyFingerprints:{i}"), reason);
            }
        }

        const string FileKey = "Sftp:KnownHostsFile";
        if (!string.IsNullOrEmpty(_options.KnownHostsFile)
            && IsReadableFile(FileKey, _options.KnownHostsFile)
            && !File.ReadLines(_options.KnownHostsFile).Any(IsHostLine))
        {
            _report(FileKey, "The file has no line 'host type key'. 'ssh-keyscan' prints such lines; compare them with the server's own before trusting them.");
        }
    }

    /// <summary>A line of a known hosts file: <c>[marker] hosts type key [comment]</c>.</summary>
    private static bool IsHostLine(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var first = words.Length > 0 && words[0].StartsWith('@') ? 1 : 0;
        return words.Length >= first + 3 && words[0][0] != '#' && words[first + 2].StartsWith("AAAA", StringComparison.Ordinal);
    }

    private bool IsReadableFile(string key, string path)
    {
        var reason = SftpFileCheck.WhyNotReadable(path);
        ReportIf(key, reason);
        return reason is null;
    }

    private static string? WhyNotSecret(string secret)
    {
        if (secret.Length == 0)
        {
            return "It is empty.";
        }

        if (secret.Contains('\n', StringComparison.Ordinal) || secret.Contains('\r', StringComparison.Ordinal) || secret.Contains('\0', StringComparison.Ordinal))
        {
            return "It has more than one line. Only a line break at the very end is cut off.";
        }

        return Encoding.UTF8.GetByteCount(secret) > LongestSecret ? FormattableString.Invariant($"It is longer than {LongestSecret} bytes, more than ssh reads.") : null;
    }

    private static string ReadText(string path)
    {
        using var reader = new StreamReader(path);
        var buffer = new char[LargestTextFile];
        return new string(buffer, 0, reader.ReadBlock(buffer));
    }

    private void ReportIf(string key, string? reason)
    {
        if (reason is not null)
        {
            _report(key, reason);
        }
    }
}
