using System.Globalization;
using System.Security.Cryptography;
using Gateway.FunctionalTests.Contract;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Servers;

/// <summary>The fixtures, seen by clients that are not ours: what fails here is no driver's fault.</summary>
public sealed class ServerFixtureTests
{
    private const int Sigkill = 9;

    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(100_003);

    public static TheoryData<string> SftpServers => ["internal-sftp", "sftp-server", "chroot", "asyncssh", "rclone"];

    public static TheoryData<string> FtpServers =>
        ["vsftpd", "vsftpd implicit", "vsftpd 1.2", "proftpd 1.2", "proftpd 1.3", "proftpd implicit", "pure-ftpd"];

    [Theory]
    [MemberData(nameof(SftpServers))]
    public async Task Sftp_serves_and_takes_files(string name)
    {
        var (server, key) = await StartSftpAsync(name);
        await using var _ = server;
        server.Files.Write("/in.bin", Content);
        using var folder = new TempFolder();
        var batch = folder.Write("batch", $"cd {server.RemoteRoot}\nget in.bin {folder["got"]}\nput {folder["got"]} out.bin\n");
        await RunAsync(server, "sftp",
        [
            "-b", batch, "-F", "none", "-i", key.PrivateKeyFile, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-P", server.Port.ToString(CultureInfo.InvariantCulture), $"{server.Username}@{server.Host}",
        ]);
        Assert.Equal(Content, await File.ReadAllBytesAsync(folder["got"]));
        Assert.Equal(Content, server.Files.Read("/out.bin"));
    }

    [Theory]
    [MemberData(nameof(FtpServers))]
    public async Task Ftps_serves_and_takes_files(string name)
    {
        await using var server = await StartFtpAsync(name);
        server.Files.Write("/in.bin", Content);
        using var folder = new TempFolder();
        // curl sends the upload over the same connection, and resumes its TLS session for both data channels.
        var url = $"{(server.IsImplicit ? "ftps" : "ftp")}://{server.Username}:{server.Password}@{server.Host}:{server.Port}";
        await RunAsync(server, "curl", ["-sS", "-v", "-4", "--ssl-reqd", "--cacert", server.AuthorityFile, "-o", folder["got"], url + "/in.bin"]);
        Assert.Equal(Content, await File.ReadAllBytesAsync(folder["got"]));
        await RunAsync(server, "curl", ["-sS", "-v", "-4", "--ssl-reqd", "--cacert", server.AuthorityFile, "-T", folder["got"], url + "/out.bin"]);
        Assert.Equal(Content, server.Files.Read("/out.bin"));
    }

    // curl starts TLS on the data connection before it sends the command, which pyftpdlib answers with a reset.
    [Fact]
    public async Task Pyftpdlib_serves_and_takes_files()
    {
        await using var server = await PyFtpdServer.StartAsync();
        server.Files.Write("/in.bin", Content);
        await RunAsync(server, "/usr/bin/python3",
        [
            "-c",
            """
            import ftplib, io, ssl, sys
            ftp = ftplib.FTP_TLS(context=ssl.create_default_context(cafile=sys.argv[1]))
            ftp.connect(sys.argv[2], int(sys.argv[3]))
            ftp.login(sys.argv[4], sys.argv[5])
            ftp.prot_p()
            content = io.BytesIO()
            ftp.retrbinary("RETR in.bin", content.write)
            content.seek(0)
            ftp.storbinary("STOR out.bin", content)
            ftp.quit()
            """,
            server.AuthorityFile, server.Host, server.Port.ToString(CultureInfo.InvariantCulture), server.Username, server.Password,
        ]);
        Assert.Equal(Content, server.Files.Read("/out.bin"));
    }

    [Fact]
    public async Task A_session_that_was_stopped_goes_with_its_server_although_its_parent_went_before()
    {
        await using var server = await ContractServer.StartOwnAsync("openssh");
        await using var connection = await server.CreateConnector().OpenAsync(CancellationToken.None);
        var sessions = server.Server.ListSessions();
        server.Server.Pause();

        // sshd renames the process that runs as the account: "sshd: NAME@internal-sftp". The other one is its parent.
        var parent = Assert.Single(sessions, id => !ProcessTree.GetCommandLine(id).Contains(server.Server.Account.Name + "@", StringComparison.Ordinal));
        ProcessTree.Signal(parent, Sigkill);
        await Eventually.HoldsAsync(() => ProcessTree.IsGone(parent));
        await server.Server.StopAsync();

        await Eventually.HoldsAsync(() => sessions.All(ProcessTree.IsGone));
    }

    private static async Task<(TestServer Server, SshKeyPair Key)> StartSftpAsync(string name)
    {
        switch (name)
        {
            case "asyncssh":
                var python = await AsyncSshServer.StartAsync();
                return (python, python.UserKey);
            case "rclone":
                var rclone = await RcloneSftpServer.StartAsync();
                return (rclone, rclone.UserKey);
            default:
                var server = await SshServer.StartAsync(name switch
                {
                    "sftp-server" => new SshServerOptions { Subsystem = SftpSubsystem.External },
                    "chroot" => new SshServerOptions { Chroot = true, ForceSftp = true, WithoutShell = true },
                    _ => new SshServerOptions(),
                });
                return (server, server.UserKey);
        }
    }

    private static async Task<FtpServer> StartFtpAsync(string name) => name switch
    {
        "vsftpd implicit" => await VsftpdServer.StartAsync(new FtpServerOptions { Implicit = true }),
        "vsftpd 1.2" => await VsftpdServer.StartAsync(new FtpServerOptions { MaximumTls = "1.2" }),
        "proftpd 1.2" => await ProFtpdServer.StartAsync(new FtpServerOptions { MaximumTls = "1.2" }),
        "proftpd 1.3" => await ProFtpdServer.StartAsync(new FtpServerOptions { MinimumTls = "1.3" }),
        "proftpd implicit" => await ProFtpdServer.StartAsync(new FtpServerOptions { Implicit = true }),
        "pure-ftpd" => await PureFtpdServer.StartAsync(),
        _ => await VsftpdServer.StartAsync(),
    };

    private static async Task RunAsync(TestServer server, string file, string[] arguments)
    {
        var (exitCode, output) = await Command.TryRunAsync(file, arguments);
        Assert.True(exitCode == 0, $"{file} ended with {exitCode}:\n{output}\n{server.Log}");
    }
}
