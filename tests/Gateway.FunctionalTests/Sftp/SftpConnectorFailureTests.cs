using Gateway.Broker.Backends;
using Gateway.FunctionalTests.Sftp.Transport;
using Gateway.Sftp;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp;

/// <summary>Each way in which a connection cannot be opened has its own error, and leaves no process behind.</summary>
public sealed class SftpConnectorFailureTests
{
    [Fact]
    public async Task A_wrong_password()
    {
        await using var server = await SshServer.StartAsync();

        await FailAsync(BackendError.AuthenticationFailed, "PasswordFile", server, settings => settings with { Password = new Secret("wrong") });
    }

    [Fact]
    public async Task An_unknown_host_key()
    {
        await using var server = await SshServer.StartAsync();

        await FailAsync(
            BackendError.HostKeyMismatch, server.HostKeyFingerprints[0], server, settings => settings, pin: "SHA256:" + new string('A', 43));
    }

    [Theory]
    [InlineData(SftpSubsystem.None)]
    [InlineData(SftpSubsystem.Chatter)]
    public async Task No_SFTP_behind_the_login(SftpSubsystem subsystem)
    {
        await using var server = await SshServer.StartAsync(new SshServerOptions { Subsystem = subsystem });

        await FailAsync(BackendError.ProtocolError, "SFTP", server, settings => settings);
    }

    [Fact]
    public async Task A_shell_that_lets_nobody_in()
    {
        await using var server = await SshServer.StartAsync(new SshServerOptions { Subsystem = SftpSubsystem.External, WithoutShell = true });

        await FailAsync(BackendError.ProtocolError, "SFTP", server, settings => settings);
    }

    [Fact]
    public async Task No_server_on_the_port()
    {
        await using var server = await SshServer.StartAsync();
        var port = FreePort.Next();

        await FailAsync(BackendError.Unreachable, "Host and Port", server, settings => settings with { Port = port });
    }

    [Fact]
    public async Task Another_protocol_on_the_port()
    {
        await using var server = await SshServer.StartAsync();
        await using var web = new TalkingListener("HTTP/1.1 400 Bad Request\r\n\r\n", closes: true);

        await FailAsync(BackendError.Unreachable, "something else than SSH", server, settings => settings with { Port = web.Port });
    }

    [Fact]
    public async Task A_server_that_never_answers()
    {
        await using var server = await SshServer.StartAsync();
        await using var silent = new TalkingListener("", closes: false);

        await FailAsync(
            BackendError.Timeout, "no SSH greeting", server, settings => settings with { Port = silent.Port, ConnectTimeout = TimeSpan.FromSeconds(1.5) });
    }

    private static async Task FailAsync(
        BackendError expected, string words, SshServer server, Func<BackendSettings, BackendSettings> change, string? pin = null)
    {
        var settings = change(new BackendSettings
        {
            Name = "files", Host = server.Host, Port = server.Port, Username = server.Username, Password = new Secret(server.Password),
        });
        var connector = new SftpDriver(TimeProvider.System).CreateConnector(
            settings, new SftpOptions { HostKeyFingerprints = { pin ?? server.HostKeyFingerprints[0] } });

        var failed = await Assert.ThrowsAsync<BackendException>(() => connector.OpenAsync(CancellationToken.None));

        Assert.Equal(expected, failed.Error);
        Assert.Contains(words, failed.Message, StringComparison.Ordinal);
        Assert.Empty(SshCommands.ProcessesFor(settings.Port));
    }
}
