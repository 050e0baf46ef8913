using Gateway.FunctionalTests.Sftp.Transport;
using Gateway.Sftp.Transport;
using Gateway.Testing;

namespace Gateway.FunctionalTests.Hostile;

/// <summary>SSH servers that talk without end: OpenSSH's sshd does not, beside SFTP, but another one may.</summary>
public sealed class SshNoiseTests
{
    [Theory]
    [InlineData("log 'debug1: Connection established.'", nameof(SshFailureKind.ClosedDuringLogin))]
    [InlineData("login", nameof(SshFailureKind.ConnectionLost))]
    public async Task A_log_without_end_ends_the_connection_and_is_not_kept(string before, string expected)
    {
        using var folder = new TempFolder();
        var command = FakeSsh.Create(folder, before + "\nwhile :; do head -c 65536 /dev/zero | tr '\\0' x >&2; echo >&2; done");
        await using var process = SshProcess.Start(command, TimeProvider.System);

        var exit = await process.Exited.WaitAsync(TimeSpan.FromSeconds(60));
        process.IsSftpRunning = true;

        Assert.InRange(exit.Log.Length, 1, 64 * 1024);
        Assert.Equal(expected, (await process.DiagnoseAsync()).Kind.ToString());
    }
}
