using Gateway.Api.Logging;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.UnitTests.Api.Logging;

public sealed class UrlSilenceTests
{
    private const string Teller = "Microsoft.AspNetCore.Hosting.Diagnostics";

    [Theory]
    [InlineData("LogLevel:Default", "Trace", LogLevel.Warning)]
    [InlineData("LogLevel:Microsoft", "Trace", LogLevel.Warning)]
    [InlineData("LogLevel:" + Teller, "Trace", LogLevel.Warning)]
    [InlineData("Debug:LogLevel:Default", "Trace", LogLevel.Warning)]
    [InlineData("Debug:LogLevel:" + Teller, "Information", LogLevel.Warning)]
    [InlineData("LogLevel:Default", "Error", LogLevel.Error)]
    [InlineData("LogLevel:Microsoft.AspNetCore", "None", LogLevel.None)]
    public void What_writes_whole_URLs_never_speaks_below_warning(string key, string level, LogLevel least)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(key, (string?)level)]).Build();
        using var services = new ServiceCollection()
            .AddLogging(logging => logging.AddConfiguration(configuration).AddDebug())
            .AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, UrlSilence>()
            .BuildServiceProvider();
        var filter = services.GetRequiredService<IOptions<LoggerFilterOptions>>().Value;

        foreach (var provider in filter.Rules.Select(rule => rule.ProviderName).Distinct())
        {
            Assert.Equal(least, filter.Rules.Last(rule => rule.ProviderName == provider && rule.CategoryName == Teller).LogLevel);
        }

        Assert.NotEmpty(filter.Rules);
    }
}
