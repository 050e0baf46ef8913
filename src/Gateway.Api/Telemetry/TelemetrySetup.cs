namespace Gateway.Api.Telemetry;

/// <summary>OpenTelemetry's part in the gateway.</summary>
internal static class TelemetrySetup
{
    /// <summary>Before everything that is worth a span: hosted services start in this order, and stop in the reverse one.</summary>
    public static void AddTelemetry(this IServiceCollection services) => services.AddHostedService<TelemetryExport>();

    /// <summary>Describes requests, where their spans go anywhere.</summary>
    public static void UseRequestSpans(this WebApplication app)
    {
        if (TelemetrySignals.Read(app.Configuration).Traces)
        {
            app.UseMiddleware<RequestSpans>();
        }
    }
}
