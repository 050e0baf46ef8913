using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using Gateway.Api.Configuration;
using Gateway.Api.Management;

namespace Gateway.Api.Tls;

/// <summary>
/// The gateway's own certificates, from the files that Kestrel's configuration names, looked at again every few seconds. Kestrel's own
/// reloading closes the whole endpoint and cuts off what is under way there after five seconds; here a new certificate only meets new
/// connections.
/// </summary>
internal sealed partial class ServerCertificates : BackgroundService
{
    private const string DefaultSection = "Kestrel:Certificates:Default";

    private static readonly TimeSpan s_expiresSoon = TimeSpan.FromDays(14);

    private readonly FrozenDictionary<string, CertificateFiles> _files;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerCertificates> _logger;
    private readonly HashSet<ConfigurationError> _complaints = [];

    /// <exception cref="InvalidConfigurationException">One of them cannot be used, or an address has none.</exception>
    public ServerCertificates(IConfiguration configuration, IHostEnvironment environment, TimeProvider time, ILogger<ServerCertificates> logger)
    {
        (_time, _logger) = (time, logger);
        _files = configuration.GetSection(ListenAddresses.EndpointsSection).GetChildren().Select(endpoint => endpoint.GetSection("Certificate"))
            .Append(configuration.GetSection(DefaultSection))
            .Where(section => !string.IsNullOrEmpty(section["Path"]))
            .ToFrozenDictionary(section => section.Path, section => new CertificateFiles(section), StringComparer.OrdinalIgnoreCase);

        var errors = new ConfigurationErrors();
        TlsVersions.Validate(configuration, errors);
        foreach (var files in _files.Values)
        {
            TryLoad(files, error => errors.Add(error.Key, error.Message));
        }

        // While developing, Kestrel finds the SDK's own certificate by itself.
        if (!environment.IsDevelopment() && !configuration.GetSection(DefaultSection).Exists())
        {
            RequireForAddresses(configuration, errors);
        }

        if (!errors.IsEmpty)
        {
            throw new InvalidConfigurationException(errors.Items);
        }
    }

    /// <summary>The certificate of an endpoint of the configuration; null where it has none in files.</summary>
    public CertificateFiles? Of(string endpoint) => _files.GetValueOrDefault($"{ListenAddresses.EndpointsSection}:{endpoint}:Certificate");

    /// <summary>The certificate of whatever has none of its own; null where there is none in files.</summary>
    public CertificateFiles? Default => _files.GetValueOrDefault(DefaultSection);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_files.Count == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(ConfigurationWatcher.Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var files in _files.Values)
                {
                    Look(files);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private void Look(CertificateFiles files)
    {
        try
        {
            if (TryLoad(files, Complain))
            {
                _complaints.RemoveWhere(complaint => complaint.Key.StartsWith(files.Section, StringComparison.Ordinal));
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, the next look may go better; the watch itself must not end.
            LogFailed(exception, files.Section);
        }
    }

    /// <returns>Whether the files are in order.</returns>
    private bool TryLoad(CertificateFiles files, Action<ConfigurationError> complain)
    {
        try
        {
            if (files.Load())
            {
                Tell(files, files.Context.TargetCertificate);
            }

            return true;
        }
        catch (InvalidConfigurationException exception)
        {
            complain(exception.Errors[0]);
            return false;
        }
    }

    private void Tell(CertificateFiles files, X509Certificate2 certificate)
    {
        var (expires, now) = (certificate.NotAfter.ToUniversalTime(), _time.GetUtcNow().UtcDateTime);
        LogInForce(files.Section, certificate.Thumbprint, expires);
        if (expires < now + s_expiresSoon || certificate.NotBefore.ToUniversalTime() > now)
        {
            LogExpires(files.Section, certificate.NotBefore.ToUniversalTime(), expires);
        }
    }

    /// <summary>Files that are half-way through a rotation, or stay broken, are told once.</summary>
    private void Complain(ConfigurationError error)
    {
        if (_complaints.Add(error))
        {
            LogRejected(error);
        }
    }

    private static void RequireForAddresses(IConfiguration configuration, ConfigurationErrors errors)
    {
        var endpoints = configuration.GetSection(ListenAddresses.EndpointsSection).GetChildren().ToList();
        foreach (var endpoint in endpoints.Where(endpoint => IsHttps(endpoint["Url"]) && !endpoint.GetSection("Certificate").Exists() && !endpoint.GetSection("Sni").Exists()))
        {
            errors.Add($"{endpoint.Path}:Certificate:Path", $"Missing; {endpoint["Url"]} needs a certificate: write the path of a PEM file with its chain, and KeyPath.");
        }

        if (endpoints.Count == 0 && ListenAddresses.ReadPublic(configuration).FirstOrDefault(IsHttps) is { } address)
        {
            errors.Add($"{DefaultSection}:Path", $"Missing; {address} needs a certificate: write the path of a PEM file with its chain, and KeyPath.");
        }
    }

    private static bool IsHttps(string? url) => url?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;

    [LoggerMessage(1210, LogLevel.Information, "{Section}: the certificate {Thumbprint} is in force for new connections; it expires at {Expires:u}.")]
    private partial void LogInForce(string section, string thumbprint, DateTime expires);

    [LoggerMessage(1211, LogLevel.Warning, "{Section}: the certificate is valid from {From:u} to {Expires:u} only; callers will refuse it outside of that.")]
    private partial void LogExpires(string section, DateTime from, DateTime expires);

    [LoggerMessage(1212, LogLevel.Warning, "The certificate's files changed and cannot be used; the one before stays in force. {Reason}")]
    private partial void LogRejected(ConfigurationError reason);

    [LoggerMessage(1213, LogLevel.Error, "{Section}: looking for a new certificate failed; the one before stays in force.")]
    private partial void LogFailed(Exception exception, string section);
}
