namespace Gateway.Api.Telemetry;

/// <summary>
/// Which signals go to an OpenTelemetry collector, by the variables that OpenTelemetry's specification gives every program: an endpoint
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, or that of one signal) turns it on; <c>OTEL_SDK_DISABLED=true</c>, and <c>none</c> as the exporter of
/// a signal, turn it off.
/// </summary>
/// <param name="Traces">Spans.</param>
/// <param name="Metrics">Meters.</param>
internal readonly record struct TelemetrySignals(bool Traces, bool Metrics)
{
    /// <summary>Reads the variables, wherever they are set.</summary>
    public static TelemetrySignals Read(IConfiguration configuration) =>
        string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
            ? default
            : new TelemetrySignals(IsOn(configuration, "TRACES"), IsOn(configuration, "METRICS"));

    private static bool IsOn(IConfiguration configuration, string signal) =>
        (IsSet(configuration, "OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet(configuration, $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))
        && !string.Equals(configuration[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase);

    private static bool IsSet(IConfiguration configuration, string key) => !string.IsNullOrEmpty(configuration[key]);
}
