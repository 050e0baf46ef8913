using System.Reflection;
using Gateway.Api;
using Gateway.Broker.Pooling;
using Gateway.Ftps;
using Gateway.Sftp;
using Microsoft.Extensions.Logging;

namespace Gateway.UnitTests.Api.Hosting;

public class LogEventTests
{
    /// <summary>Alerts are written against event ids.</summary>
    [Fact]
    public void Every_log_message_has_an_id_of_its_own()
    {
        var messages = new[] { typeof(Program), typeof(ConnectionBroker), typeof(SftpDriver), typeof(FtpsDriver) }
            .SelectMany(type => type.Assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(method => (Method: $"{method.DeclaringType!.Name}.{method.Name}", method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(message => message.EventId is not null)
            .ToList();

        Assert.True(messages.Count > 20);
        Assert.All(messages.GroupBy(message => message.EventId), same => Assert.Single(same));
    }
}
