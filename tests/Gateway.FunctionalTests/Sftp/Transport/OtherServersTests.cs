using Gateway.Sftp.Transport;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

/// <summary>Servers that are not OpenSSH use other words.</summary>
public sealed class OtherServersTests
{
    [Fact]
    public async Task Asyncssh()
    {
        await using var server = await AsyncSshServer.StartAsync();

        await CheckAsync(server, server.HostKeyFingerprint, server.UserKey.PrivateKeyFile);
    }

    [Fact]
    public async Task Rclone()
    {
        await using var server = await RcloneSftpServer.StartAsync();

        await CheckAsync(server, server.HostKeyFingerprint, server.UserKey.PrivateKeyFile);
    }

    private static async Task CheckAsync(TestServer server, string pin, string privateKeyFile)
    {
        var byPassword = new SshCommand
        {
            Host = server.Host, Port = server.Port, Username = server.Username, Password = server.Password, HostKeyFingerprints = SshCommands.Pins(pin),
        };

        await SshCommands.SucceedAsync(byPassword);
        Assert.Equal(SshFailureKind.AuthenticationRefused, (await SshCommands.FailAsync(byPassword with { Password = "wrong" })).Kind);
        Assert.Equal(
            SshFailureKind.HostKeyUnknown,
            (await SshCommands.FailAsync(byPassword with { HostKeyFingerprints = SshCommands.Pins("SHA256:" + new string('A', 43)) })).Kind);
        await SshCommands.SucceedAsync(byPassword with { Password = null, PrivateKeyFile = privateKeyFile });
    }
}
