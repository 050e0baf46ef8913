using Gateway.Broker.Pooling;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Configuration;

/// <summary>
/// Gives the broker its backends at the start, then looks every few seconds whether the configuration or a secret changed.
/// A change that is not valid is logged and ignored: what runs, runs on.
/// </summary>
internal sealed partial class ConfigurationWatcher(
    IConfiguration configuration,
    GatewaySettingsReader reader,
    CurrentSettings current,
    ConnectionBroker broker,
    IOptions<HostOptions> host,
    TimeProvider time,
    ILogger<ConfigurationWatcher> logger) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_afterDrain = TimeSpan.FromSeconds(30);

    private string _fingerprint = "";
    private string _complaint = "";
    private IReadOnlyDictionary<string, string?> _startSettings = StartSettings.Read(configuration);

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _fingerprint = reader.Fingerprint();
        Apply(current.Value);
        if (current.Value.Backends.Count == 0)
        {
            LogNoBackends();
        }

        TellWhoIsLetIn();

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Check();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private void Check()
    {
        try
        {
            foreach (var provider in ((IConfigurationRoot)configuration).Providers.OfType<PolledConfigurationProvider>())
            {
                provider.ReloadIfChanged();
            }

            TellWhatNeedsRestart();
            var fingerprint = reader.Fingerprint();
            if (!string.Equals(fingerprint, _fingerprint, StringComparison.Ordinal))
            {
                _fingerprint = fingerprint;
                Apply(reader.Read());
                LogApplied(current.Value.Backends.Count);
                TellWhoIsLetIn();
            }

            _complaint = "";
        }
        catch (InvalidConfigurationException exception)
        {
            Complain(exception.Message);
        }
        catch (Exception exception)
        {
            // Whatever it is, the next look may go better; the watcher itself must not end.
            LogFailed(exception);
        }
    }

    private void Apply(GatewaySettings settings)
    {
        // A request never meets a backend that the broker does not know: those that go leave here first, those that come, there.
        current.Replace(settings with
        {
            Backends = settings.Backends.Where(pair => current.Value.Backends.ContainsKey(pair.Key)).ToDictionary(StringComparer.Ordinal),
        });
        broker.Update([.. settings.Backends.Values.Select(backend => backend.Definition)]);
        current.Replace(settings);

        // The drain keeps to the setting; the host's own deadline, which it reads when it stops, is for what comes after it.
        host.Value.ShutdownTimeout = settings.ShutdownTimeout + s_afterDrain;
    }

    private void TellWhoIsLetIn()
    {
        var identity = current.Value.Identity;
        if (!identity.LetsAnybodyIn)
        {
            LogNobody();
        }
        else if (identity.Anonymous)
        {
            LogEverybody();
        }
    }

    private void TellWhatNeedsRestart()
    {
        var now = StartSettings.Read(configuration);
        foreach (var key in StartSettings.Compare(_startSettings, now))
        {
            LogNeedsRestart(key);
        }

        _startSettings = now;
    }

    /// <summary>A file that stays broken is told once, not every two seconds.</summary>
    private void Complain(string message)
    {
        if (!string.Equals(_complaint, message, StringComparison.Ordinal))
        {
            _complaint = message;
            LogRejected(message);
        }
    }

    [LoggerMessage(1000, LogLevel.Warning, "No backend is configured under Gateway:Backends: every request will be answered backend-not-found.")]
    private partial void LogNoBackends();

    [LoggerMessage(1005, LogLevel.Warning,
        "Nobody is let in, and every request below /v1 is answered 401: configure Gateway:Identity:ApiKeys or Gateway:Identity:Jwt, or set Gateway:Identity:Anonymous=true to let in everybody.")]
    private partial void LogNobody();

    [LoggerMessage(1006, LogLevel.Information, "Everybody is let in, with every right on every backend: Gateway:Identity:Anonymous is true.")]
    private partial void LogEverybody();

    [LoggerMessage(1001, LogLevel.Information, "The configuration changed and is in force: {Count} backends.")]
    private partial void LogApplied(int count);

    [LoggerMessage(1002, LogLevel.Error, "The configuration changed and is not valid; the one before stays in force. {Report}")]
    private partial void LogRejected(string report);

    [LoggerMessage(1004, LogLevel.Warning, "{Key} changed: this setting is read at the start only, so it takes effect when the gateway is restarted.")]
    private partial void LogNeedsRestart(string key);

    [LoggerMessage(1003, LogLevel.Error, "Looking for changes of the configuration failed; the one before stays in force.")]
    private partial void LogFailed(Exception exception);
}
