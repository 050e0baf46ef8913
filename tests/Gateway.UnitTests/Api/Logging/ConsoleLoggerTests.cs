using System.Text;
using Gateway.Api.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.UnitTests.Api.Logging;

/// <summary>What writes its message itself looks on the console as all else does.</summary>
public sealed class ConsoleLoggerTests
{
    [Theory]
    [InlineData(ConsoleFormatterNames.Simple, true)]
    [InlineData(ConsoleFormatterNames.Simple, false)]
    [InlineData(ConsoleFormatterNames.Systemd, false)]
    [InlineData(ConsoleFormatterNames.Json, false)]
    public void A_message_that_writes_itself_gives_the_framework_s_line(string formatterName, bool isSingleLine)
    {
        using var services = new ServiceCollection()
            .AddLogging(logging => logging
                .AddSimpleConsole(options => (options.SingleLine, options.IncludeScopes) = (isSingleLine, true))
                .AddSystemdConsole(options => options.IncludeScopes = true)
                .AddJsonConsole(options => options.IncludeScopes = true))
            .BuildServiceProvider();
        var formatter = services.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == formatterName);
        var scopes = new LoggerExternalScopeProvider();
        using var _ = scopes.Push("around");
        var entry = new LogEntry<Message>(LogLevel.Warning, "Category", new EventId(7), new Message(42), null, static (message, _) => message.ToString());

        using var expected = new StringWriter();
        formatter.Write(entry, scopes, expected);
        using var actual = new StringWriter();
        ConsoleLogger.WriteLine(formatter, entry, scopes, actual);
        Assert.Contains("the answer is 42", expected.ToString(), StringComparison.Ordinal);
        Assert.Equal(expected.ToString(), actual.ToString());
    }

    private readonly record struct Message(int Answer) : ILineText
    {
        public void AppendTo(StringBuilder line) => line.Append(System.Globalization.CultureInfo.InvariantCulture, $"the answer is {Answer}");

        public override string ToString() => $"the answer is {Answer}";
    }
}
