using Microsoft.Extensions.Options;

namespace Gateway.Api.Hosting;

/// <summary>Logs on the console: readable lines; <c>Logging:Console:FormatterName=json</c> makes them JSON.</summary>
internal static class LoggingSetup
{
    public static void UseGatewayLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddConsole();
        builder.Services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, UrlSilence>();
    }
}
