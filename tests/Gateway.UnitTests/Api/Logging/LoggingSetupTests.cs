using Gateway.Api.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Gateway.UnitTests.Api.Logging;

/// <summary>How the settings shape the console's lines.</summary>
public sealed class LoggingSetupTests
{
    [Theory]
    [InlineData(ConsoleFormatterNames.Json)]
    [InlineData(ConsoleFormatterNames.Systemd)]
    [InlineData(ConsoleFormatterNames.Simple)]
    public async Task The_settings_choose_the_formatter(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Logging:Console:FormatterName"] = name;
        builder.UseGatewayLogging();
        await using var app = builder.Build();
        using var provider = new ConsoleProvider(
            app.Services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>(), app.Services.GetServices<ConsoleFormatter>());
        Assert.Equal(name, provider.Formatter.Name);
    }
}
