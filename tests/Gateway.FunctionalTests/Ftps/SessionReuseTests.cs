using Gateway.Broker.Backends;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;
using Microsoft.Extensions.Logging;

namespace Gateway.FunctionalTests.Ftps;

/// <summary>
/// Servers that refuse a data connection whose TLS session is not its control connection's, under the load that makes a plain
/// <c>SslStream</c> fail: 20 control connections, 10 transfers each way.
/// </summary>
public sealed class SessionReuseTests : FtpsTest
{
    private const int Connections = 20;
    private const int Rounds = 10;

    public static TheoryData<string, string, string> Servers => new()
    {
        { "vsftpd", "1.2", "1.2" }, { "vsftpd", "1.3", "1.3" }, { "proftpd", "1.2", "1.2" }, { "proftpd", "1.3", "1.3" },
    };

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task No_data_connection_is_refused(string name, string minimum, string maximum)
    {
        var options = new FtpServerOptions { MinimumTls = minimum, MaximumTls = maximum };
        await using FtpServer server = name == "vsftpd" ? await VsftpdServer.StartAsync(options) : await ProFtpdServer.StartAsync(options);
        using var log = new LogRecorder();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var connector = ConnectorTo(server, settings => settings with { ConnectTimeout = TimeSpan.FromMinutes(1), OperationTimeout = TimeSpan.FromMinutes(1) }, loggers: loggers);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(number => Task.Run(() => TransferAsync(connector, number))));

        // A data connection that was refused is repaired by a new login, and that is logged.
        Assert.DoesNotContain(log.Lines, line => line.EventId == 4001);
    }

    private static async Task TransferAsync(IBackendConnector connector, int number)
    {
        await using var connection = await connector.OpenAsync(default);
        for (var round = 0; round < Rounds; round++)
        {
            var content = new byte[10_000 + (number * 1000) + round];
            Array.Fill(content, (byte)(number + round));
            await UploadAsync(connection, $"/file-{number}", content);
            Assert.Equal(content, await DownloadAsync(connection, $"/file-{number}"));
        }
    }
}
