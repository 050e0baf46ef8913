using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;
using Gateway.Ftps.Transport;
using Microsoft.Extensions.Logging;

namespace Gateway.Ftps;

/// <summary>FTP with TLS, explicit (RFC 4217) or implicit. Clear text is never spoken beyond AUTH TLS.</summary>
public sealed class FtpsDriver : IBackendDriver
{
    private readonly AbandonedFilesByServer _abandoned = new();
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;

    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes the logs.</param>
    public FtpsDriver(TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        _loggers = loggers;
    }

    /// <inheritdoc/>
    public string Protocol => "ftps";

    /// <inheritdoc/>
    public string Section => "Ftps";

    /// <inheritdoc/>
    public object CreateOptions() => new FtpsOptions();

    /// <inheritdoc/>
    public int GetDefaultPort(object options) => IsImplicit((FtpsOptions)options) ? 990 : 21;

    /// <inheritdoc/>
    public void Validate(BackendSettings settings, object options, Action<string, string> report)
    {
        var ftps = (FtpsOptions)options;
        if (!IsImplicit(ftps) && !Is(ftps.Mode, "explicit"))
        {
            report("Ftps:Mode", "Write 'explicit' (AUTH TLS, usually port 21) or 'implicit' (usually port 990).");
        }

        if (ftps.MinimumTlsVersion is not ("1.2" or "1.3"))
        {
            report("Ftps:MinimumTlsVersion", "Write '1.2' or '1.3'.");
        }

        for (var i = 0; i < ftps.CertificateFingerprints.Count; i++)
        {
            if (!CertificateFingerprint.TryParse(ftps.CertificateFingerprints[i] ?? "", out _))
            {
                report($"Ftps:CertificateFingerprints:{i}", "Write 'SHA256:' and base64, or the hexadecimal that 'openssl x509 -noout -fingerprint -sha256 -in FILE' prints.");
            }
        }

        Check(() => LoadAuthorities(ftps), "Ftps:CertificateAuthorityFile", "Name a readable PEM file with at least one certificate", report);
        Check(() => LoadClientCertificate(ftps), "Ftps:ClientCertificateFile", "Name a readable PEM file with a certificate and its key without a passphrase", report);
        if (FtpCommand.HasControl(settings.Username))
        {
            report("Username", "It holds a control character, which FTP cannot carry.");
        }

        if (FtpCommand.HasControl(settings.Password?.Reveal()))
        {
            report("Password", "It holds a control character (a line break at its end, perhaps), which FTP cannot carry.");
        }

        if (!string.IsNullOrEmpty(settings.Root) && (!settings.Root.StartsWith('/') || FtpCommand.HasControl(settings.Root)))
        {
            report("Root", "Write an absolute path that starts with a slash, or nothing for the login folder.");
        }
    }

    /// <inheritdoc/>
    public IBackendConnector CreateConnector(BackendSettings settings, object options)
    {
        var ftps = (FtpsOptions)options;
        var pins = ftps.CertificateFingerprints
            .Select(text => CertificateFingerprint.TryParse(text, out var pin) ? pin : throw new ArgumentException("Not a fingerprint.", nameof(options)))
            .ToArray();
        var logger = _loggers.CreateLogger<FtpsConnector>();
        var server = new FtpServerSettings
        {
            Host = settings.Host,
            Port = settings.Port,
            IsImplicit = IsImplicit(ftps),
            Username = settings.Username,
            Password = () => settings.Password?.Reveal(),
            Tls = new TlsSettings
            {
                Host = settings.Host,
                Certificates = new CertificatePolicy(settings.Host, LoadAuthorities(ftps), pins),
                Protocols = ftps.MinimumTlsVersion is "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificate = LoadClientCertificate(ftps),
            },
            StallTimeout = settings.StallTimeout,
            Time = _time,
            Name = settings.Name,
            Logger = logger,
        };
        return new FtpsConnector(settings, server, _abandoned.Get(settings), _time, logger);
    }

    private static bool IsImplicit(FtpsOptions options) => Is(options.Mode, "implicit");

    private static bool Is(string? text, string value) => string.Equals(text, value, StringComparison.OrdinalIgnoreCase);

    private static X509Certificate2Collection? LoadAuthorities(FtpsOptions options)
    {
        if (string.IsNullOrEmpty(options.CertificateAuthorityFile))
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(options.CertificateAuthorityFile);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("No certificate in it.");
    }

    private static SslStreamCertificateContext? LoadClientCertificate(FtpsOptions options)
    {
        if (string.IsNullOrEmpty(options.ClientCertificateFile))
        {
            return null;
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(options.ClientCertificateFile);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(options.ClientCertificateFile), chain, offline: true);
    }

    /// <summary>What the file system or the reader says may hold a path or a secret: only its kind is told.</summary>
    private static void Check(Func<object?> load, string key, string sentence, Action<string, string> report)
    {
        try
        {
            _ = load();
        }
        catch (Exception e)
        {
            var why = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "it does not exist",
                UnauthorizedAccessException => "the gateway's user may not read it",
                _ => "its content is something else",
            };
            report(key, $"{sentence}: {why}.");
        }
    }
}
