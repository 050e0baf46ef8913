using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gateway.Api.Telemetry;

/// <summary>
/// Sends spans and meters to an OpenTelemetry collector where one is named (<see cref="TelemetrySignals"/>). It starts first, so that the
/// first logins are seen, and stops last. Without a collector nothing listens, and nothing is made to be listened to.
/// </summary>
internal sealed partial class TelemetryExport(IConfiguration configuration, TimeProvider time, ILogger<TelemetryExport> logger) : IHostedService, IDisposable
{
    /// <summary>How long the last batch may take at the end: a collector that is gone must not hold up a restart.</summary>
    private static readonly TimeSpan s_flushTimeout = TimeSpan.FromSeconds(5);

    private TracerProvider? _tracing;
    private MeterProvider? _metering;
    private TelemetryComplaints? _complaints;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var signals = TelemetrySignals.Read(configuration);
        if (signals == default)
        {
            return Task.CompletedTask;
        }

        _complaints = new TelemetryComplaints(time, logger);
        if (signals.Traces)
        {
            _tracing = Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(CreateResource())
                .AddSource("Microsoft.AspNetCore", "Gateway.*")
                .AddOtlpExporter(options => SignalVariables.Apply(options, configuration, "TRACES"))
                .Build();
        }

        if (signals.Metrics)
        {
            _metering = Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(CreateResource())
                .AddMeter("Gateway.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddOtlpExporter((exporter, _) => SignalVariables.Apply(exporter, configuration, "METRICS"))
                .Build();
        }

        LogStarted(signals.Traces, signals.Metrics);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // These block, and at the same time.
        var milliseconds = (int)s_flushTimeout.TotalMilliseconds;
        var spans = Task.Run(() => _tracing?.Shutdown(milliseconds) ?? true, CancellationToken.None);
        var meters = Task.Run(() => _metering?.Shutdown(milliseconds) ?? true, CancellationToken.None);
        if (!(await spans & await meters))
        {
            LogLost();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tracing?.Dispose();
        _metering?.Dispose();
        _complaints?.Dispose();
    }

    /// <summary>What the variables say (<c>OTEL_SERVICE_NAME</c>, <c>OTEL_RESOURCE_ATTRIBUTES</c>) wins over what the gateway knows of itself.</summary>
    private static ResourceBuilder CreateResource() => ResourceBuilder.CreateEmpty()
        .AddTelemetrySdk()
        .AddService("gateway", serviceVersion: typeof(TelemetryExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
        .AddEnvironmentVariableDetector();

    [LoggerMessage(1400, LogLevel.Information, "Telemetry goes to the OpenTelemetry collector of OTEL_EXPORTER_OTLP_ENDPOINT: spans {Traces}, meters {Metrics}.")]
    private partial void LogStarted(bool traces, bool metrics);

    [LoggerMessage(1401, LogLevel.Warning, "The OpenTelemetry collector did not take the last batch in time; it is lost.")]
    private partial void LogLost();
}
