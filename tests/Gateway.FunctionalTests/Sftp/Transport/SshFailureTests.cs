using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.Sftp.Transport;
using Gateway.Testing;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

public sealed class SshFailureTests : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1.5);

    private readonly TempFolder _folder = new();
    private SshKeyPair _key = null!;

    public async Task InitializeAsync() => _key = await SshKeyPair.CreateAsync(_folder["key"]);

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_port_without_a_server() =>
        Assert.Equal(SshFailureKind.ConnectionRefused, (await SshCommands.FailAsync(To(FreePort.Next()))).Kind);

    [Fact]
    public async Task A_name_without_an_address() =>
        Assert.Equal(SshFailureKind.NameNotResolved, (await SshCommands.FailAsync(To(22) with { Host = "no-such-host.invalid" })).Kind);

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", true)]
    [InlineData("220 mail.example.com ESMTP\r\n", false)]
    [InlineData("\u0015\u0003\u0001\0\u0002\u0002F", true)]
    public async Task A_port_that_speaks_another_protocol(string greeting, bool closes)
    {
        await using var listener = new TalkingListener(greeting, closes);

        var failure = await SshCommands.FailAsync(To(listener.Port) with { BannerTimeout = s_limit });

        Assert.Equal(SshFailureKind.NotSsh, failure.Kind);
        Assert.DoesNotContain("example.com", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_hangs_up()
    {
        await using var listener = new TalkingListener("", closes: true);

        Assert.Equal(SshFailureKind.ClosedDuringLogin, (await SshCommands.FailAsync(To(listener.Port))).Kind);
    }

    [Fact]
    public async Task A_port_that_stays_silent_is_given_up_after_the_banner_timeout()
    {
        await using var listener = new TalkingListener("", closes: false);
        var watch = Stopwatch.StartNew();

        var failure = await SshCommands.FailAsync(To(listener.Port) with { BannerTimeout = s_limit });

        Assert.Equal(SshFailureKind.GreetingTimeout, failure.Kind);
        Assert.InRange(watch.Elapsed, s_limit, s_limit + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_server_that_freezes_is_given_up_after_the_connect_timeout()
    {
        await using var server = await SshServer.StartAsync();
        server.Pause();

        var failure = await SshCommands.FailAsync(SshCommands.ByKey(server) with { ConnectTimeout = s_limit });

        Assert.Equal(SshFailureKind.GreetingTimeout, failure.Kind);
        server.Resume();
    }

    [Fact]
    public async Task A_server_that_greets_and_then_freezes_is_given_up_after_the_connect_timeout()
    {
        await using var listener = new TalkingListener("SSH-2.0-OpenSSH_9.9\r\n", closes: false);

        var failure = await SshCommands.FailAsync(To(listener.Port) with { ConnectTimeout = s_limit });

        Assert.Equal(SshFailureKind.LoginTimeout, failure.Kind);
        Assert.EndsWith("The limit was 1.5 s.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_full()
    {
        await using var server = await SshServer.StartAsync(new SshServerOptions { MaxStartups = "1:100:1" });
        using var idler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await idler.ConnectAsync(IPAddress.Loopback, server.Port);
        await idler.ReceiveAsync(new byte[1]);

        Assert.Equal(SshFailureKind.ServerBusy, (await SshCommands.FailAsync(SshCommands.ByKey(server))).Kind);
    }

    [Fact]
    public async Task A_server_with_old_ciphers_only()
    {
        await using var server = await SshServer.StartAsync(new SshServerOptions { ExtraLines = ["Ciphers aes128-cbc,3des-cbc"] });

        var failure = await SshCommands.FailAsync(SshCommands.ByKey(server));

        Assert.Equal(SshFailureKind.NoCommonAlgorithm, failure.Kind);
        Assert.Contains("no cipher in common. It offers aes128-cbc,3des-cbc.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cipher_that_is_not_preferred_is_still_used()
    {
        await using var server = await SshServer.StartAsync(new SshServerOptions { ExtraLines = ["Ciphers aes192-ctr"] });

        await SshCommands.SucceedAsync(SshCommands.ByKey(server));
    }

    [Fact]
    public async Task A_server_without_the_sftp_subsystem()
    {
        await using var server = await SshServer.StartAsync(new SshServerOptions { Subsystem = SftpSubsystem.None });

        Assert.Equal(SshFailureKind.NoSftp, await FailAfterLoginAsync(SshCommands.ByKey(server)));
    }

    [Fact]
    public async Task An_account_whose_shell_lets_nobody_in()
    {
        await using var server = await SshServer.StartAsync(new SshServerOptions { Subsystem = SftpSubsystem.External, WithoutShell = true });

        Assert.Equal(SshFailureKind.NoSftp, await FailAfterLoginAsync(SshCommands.ByKey(server)));
    }

    [Fact]
    public async Task A_server_that_dies_under_a_connection()
    {
        await using var server = await SshServer.StartAsync();
        await using var process = await new SshLogin(TimeProvider.System).OpenAsync(SshCommands.ByKey(server), CancellationToken.None);
        await SshCommands.GreetAsync(process);

        server.KillSessions();

        await process.Exited.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(SshFailureKind.ConnectionLost, (await process.DiagnoseAsync()).Kind);
    }

    [Fact]
    public async Task A_network_that_resets_a_connection()
    {
        await using var server = await SshServer.StartAsync();
        await using var proxy = TcpProxy.Start(server.Port);
        var command = SshCommands.ByKey(server) with { Port = proxy.Port };
        await using var process = await new SshLogin(TimeProvider.System).OpenAsync(command, CancellationToken.None);
        await SshCommands.GreetAsync(process);

        proxy.CutAll();

        await process.Exited.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(SshFailureKind.ConnectionLost, (await process.DiagnoseAsync()).Kind);
    }

    [Fact]
    public async Task A_key_file_that_disappears_while_the_gateway_runs()
    {
        await using var server = await SshServer.StartAsync();
        var command = SshCommands.ByKey(server) with { PrivateKeyFile = _folder["gone"] };

        Assert.Equal(SshFailureKind.KeyFileMissing, (await SshCommands.FailAsync(command)).Kind);
    }

    [Fact]
    public async Task A_key_file_that_is_opened_to_others_while_the_gateway_runs()
    {
        await using var server = await SshServer.StartAsync();
        server.Authorize(_key.PublicKey);
        File.SetUnixFileMode(_key.PrivateKeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        Assert.Equal(
            SshFailureKind.KeyFileTooOpen, (await SshCommands.FailAsync(SshCommands.ByKey(server) with { PrivateKeyFile = _key.PrivateKeyFile })).Kind);
    }

    private SshCommand To(int port) => new()
    {
        Host = "127.0.0.1", Port = port, Username = "alice", PrivateKeyFile = _key.PrivateKeyFile, HostKeyFingerprints = SshCommands.Pins(_key.Fingerprint),
    };

    private static async Task<SshFailureKind> FailAfterLoginAsync(SshCommand command)
    {
        await using var process = await new SshLogin(TimeProvider.System).OpenAsync(command, CancellationToken.None);
        await process.Exited.WaitAsync(TimeSpan.FromSeconds(20));
        return (await process.DiagnoseAsync()).Kind;
    }
}
