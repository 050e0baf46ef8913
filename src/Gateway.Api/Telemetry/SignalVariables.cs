using System.Globalization;
using OpenTelemetry.Exporter;

namespace Gateway.Api.Telemetry;

/// <summary>
/// The variables of one signal (<c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c> and so on), which win over those of all signals. The exporter reads
/// only the latter by itself.
/// </summary>
internal static class SignalVariables
{
    /// <summary>Applies them.</summary>
    /// <param name="options">The exporter's, with what the variables of all signals say.</param>
    /// <param name="configuration">Where the variables are.</param>
    /// <param name="signal"><c>TRACES</c> or <c>METRICS</c>.</param>
    public static void Apply(OtlpExporterOptions options, IConfiguration configuration, string signal)
    {
        if (Read("PROTOCOL") is { } protocol)
        {
            options.Protocol = protocol == "http/protobuf" ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        }

        // Used as it is; to the common endpoint the exporter adds the signal's path.
        if (Uri.TryCreate(Read("ENDPOINT"), UriKind.Absolute, out var endpoint))
        {
            options.Endpoint = endpoint;
        }

        options.Headers = Read("HEADERS") ?? options.Headers;
        if (int.TryParse(Read("TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            options.TimeoutMilliseconds = milliseconds;
        }

        string? Read(string name) => configuration[$"OTEL_EXPORTER_OTLP_{signal}_{name}"] is { Length: > 0 } value ? value : null;
    }
}
