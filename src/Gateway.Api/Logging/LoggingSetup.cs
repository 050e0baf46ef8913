using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Logging;

/// <summary>Logs on the console: readable lines; <c>Logging:Console:FormatterName=json</c> makes them JSON.</summary>
internal static class LoggingSetup
{
    public static void UseGatewayLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();

        // The slim builder has named the readable formatter, and would win over the settings.
        builder.Services.RemoveAll<IConfigureOptions<ConsoleLoggerOptions>>();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));

        // The framework's formatters and settings, with a provider that writes many lines at once: its own makes a system call a line,
        // which with the audit on cost a fifth of the small requests.
        builder.Logging.AddConsole();
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(ConsoleLoggerProvider)));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, ConsoleProvider>());
        builder.Services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, UrlSilence>();
    }
}
