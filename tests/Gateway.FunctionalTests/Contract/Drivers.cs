using Gateway.Broker.Backends;
using Gateway.Ftps;
using Gateway.Sftp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary>The drivers under test. Another one is one more line here.</summary>
internal static class Drivers
{
    private static readonly IBackendDriver[] All = [new SftpDriver(TimeProvider.System), new FtpsDriver(TimeProvider.System, NullLoggerFactory.Instance)];

    /// <summary>Binds, validates and connects as the host does.</summary>
    /// <exception cref="ArgumentException">The driver reports errors; the message holds all of them.</exception>
    public static IBackendConnector CreateConnector(
        string protocol, BackendSettings settings, IEnumerable<KeyValuePair<string, string?>> keys)
    {
        var driver = All.Single(candidate => candidate.Protocol == protocol);
        var options = driver.CreateOptions();
        new ConfigurationBuilder().AddInMemoryCollection(keys).Build().Bind(options);
        var errors = new List<string>();
        driver.Validate(settings, options, (key, sentence) => errors.Add($"{key}: {sentence}"));
        return errors.Count == 0
            ? driver.CreateConnector(settings, options)
            : throw new ArgumentException(string.Join('\n', errors), nameof(keys));
    }
}
