using Gateway.Broker.Backends;
using Gateway.Testing.Certificates;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary><see cref="IBackendConnector.OpenAsync"/>: logging in, and every way it fails.</summary>
public sealed class OpeningContract(ITestOutputHelper output) : ContractTest(output)
{
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(10);

    [Theory]
    [OnEveryServer]
    public async Task An_open_connection_answers_a_probe(string server)
    {
        var room = await EnterAsync(server);
        for (var i = 0; i < 5; i++)
        {
            await room.Connection.ProbeAsync(CancellationToken.None);
        }

        Assert.False(room.Connection.IsBroken);
        Assert.False(room.Connection.Broken.IsCompleted);
        Assert.Equal(room.Server.IsSftp, room.Connector.IsShareable);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_root_is_what_callers_see_as_root(string server)
    {
        var shared = await GetSharedAsync(server);
        shared.Server.Files.Write("/a root/inbox with space/file", "x"u8);
        var connector = shared.CreateConnector(settings => settings with
        {
            Root = shared.Server.RemoteRoot.TrimEnd('/') + "/a root/inbox with space",
        });
        await using var connection = await connector.OpenAsync(CancellationToken.None);
        Assert.Equal("x"u8.ToArray(), await ContractRoom.DownloadAsync(connection, RemotePath.Parse("/file")));
        Assert.Equal("file", (await connection.ListAsync(RemotePath.Root, CancellationToken.None).SingleAsync()).Name);
        await FailsWithAsync(() => connection.GetEntryAsync(RemotePath.Parse("/inbox with space"), true, CancellationToken.None).AsTask(), BackendError.NotFound);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_missing_root_is_found_out_when_opening(string server)
    {
        var shared = await GetSharedAsync(server);
        var connector = shared.CreateConnector(settings => settings with { Root = shared.Server.RemoteRoot.TrimEnd('/') + "/no such root" });
        var failure = await FailsWithAsync(() => OpenAsync(connector), BackendError.NotFound, BackendError.ProtocolError);
        Assert.Contains("Root", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_wrong_password_is_an_authentication_failure(string server)
    {
        var shared = await GetSharedAsync(server);
        const string Wrong = "wrong-password-5309";
        var connector = shared.CreateConnector(
            settings => settings with { Password = new Secret(Wrong) },
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PrivateKeyFile"] = null });
        var failure = await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.AuthenticationFailed);
        Assert.DoesNotContain(Wrong, failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.IgnoresUsernames)]
    public async Task An_unknown_user_is_an_authentication_failure(string server)
    {
        var shared = await GetSharedAsync(server);
        var connector = shared.CreateConnector(settings => settings with { Username = "no-such-user", Password = new Secret("x") });
        await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.AuthenticationFailed);
    }

    [Theory]
    [OnEveryServer("sftp")]
    public async Task A_host_key_that_is_not_the_pinned_one_is_refused(string server)
    {
        var shared = await GetSharedAsync(server);
        var connector = shared.CreateConnector(options: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HostKeyFingerprints:0"] = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ["KnownHostsFile"] = null,
        });
        await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.HostKeyMismatch);
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("openssh-sftp-server")]
    public async Task A_host_key_that_changed_is_refused_and_the_old_connection_stays(string setUp)
    {
        var server = await StartOwnAsync(setUp);
        var connector = server.CreateConnector();
        await OpenAsync(connector);
        await ((SshServer)server.Server).ReplaceHostKeysAsync();
        await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.HostKeyMismatch);
    }

    [Theory]
    [InlineData(ServerCertificateKind.OtherName)]
    [InlineData(ServerCertificateKind.Expired)]
    [InlineData(ServerCertificateKind.SelfSigned)]
    public async Task A_certificate_that_is_not_valid_for_the_backend_is_refused(ServerCertificateKind kind)
    {
        await using var server = await VsftpdServer.StartAsync(new FtpServerOptions { Certificate = kind });
        var connector = Drivers.CreateConnector("ftps", SettingsOf(server), Keys(("CertificateAuthorityFile", server.AuthorityFile)));
        await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.CertificateInvalid);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused()
    {
        var server = await GetSharedAsync("vsftpd");
        var connector = server.CreateConnector(options: new Dictionary<string, string?>(StringComparer.Ordinal) { ["CertificateAuthorityFile"] = null });
        await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.CertificateInvalid);
    }

    [Theory]
    [InlineData(ServerCertificateKind.SelfSigned)]
    [InlineData(ServerCertificateKind.Valid)]
    public async Task A_pinned_certificate_is_accepted_and_another_is_not(ServerCertificateKind kind)
    {
        await using var server = await ProFtpdServer.StartAsync(new FtpServerOptions { Certificate = kind });
        await using (var connection = await Drivers
            .CreateConnector("ftps", SettingsOf(server), Keys(("CertificateFingerprints:0", server.Certificate.Fingerprint)))
            .OpenAsync(CancellationToken.None))
        {
            Assert.Empty(await connection.ListAsync(RemotePath.Root, CancellationToken.None).ToListAsync());
        }

        var other = "SHA256:" + new string('0', 64);
        var connector = Drivers.CreateConnector("ftps", SettingsOf(server), Keys(("CertificateFingerprints:0", other)));
        await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.CertificateInvalid);
    }

    [Fact]
    public async Task A_server_without_tls_gets_no_password()
    {
        await using var server = await ProFtpdServer.StartAsync(new FtpServerOptions { Tls = false });
        var connector = Drivers.CreateConnector("ftps", SettingsOf(server), Keys(("CertificateAuthorityFile", server.AuthorityFile)));
        await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.ProtocolError, BackendError.Unreachable, BackendError.CertificateInvalid);
        Assert.DoesNotContain(server.Password, server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("PASS", server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SftpSubsystem.None)]
    [InlineData(SftpSubsystem.Chatter)]
    public async Task A_server_without_sftp_is_told_apart(SftpSubsystem subsystem)
    {
        await using var server = await SshServer.StartAsync(new SshServerOptions { Subsystem = subsystem });
        var connector = Drivers.CreateConnector("sftp", SettingsOf(server), Keys(
            ("HostKeyFingerprints:0", server.HostKeyFingerprints[0]), ("PrivateKeyFile", server.UserKey.PrivateKeyFile)));
        var failure = await FailsWithinAsync(Quick, () => OpenAsync(connector), BackendError.ProtocolError, BackendError.Unreachable);
        Assert.DoesNotContain("Welcome", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_port_that_refuses_is_unreachable(string server)
    {
        var shared = await GetSharedAsync(server);
        var port = FreePort.Next();
        await FailsWithinAsync(Quick, () => OpenAsync(ConnectorTo(shared, port)), BackendError.Unreachable);
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    public async Task A_name_that_does_not_resolve_is_unreachable(string setUp)
    {
        var server = await GetSharedAsync(setUp);
        var connector = server.CreateConnector(settings => settings with { Host = "no-such-host.invalid" });
        await FailsWithAsync(() => OpenAsync(connector), BackendError.Unreachable);
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    public async Task A_port_that_speaks_http_is_unreachable(string setUp)
    {
        var server = await GetSharedAsync(setUp);
        await using var http = StubListener.Http();
        var failure = await FailsWithinAsync(Quick, () => OpenAsync(ConnectorTo(server, http.Port)), BackendError.Unreachable);
        Assert.DoesNotContain("nginx", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    public async Task A_port_that_closes_at_once_is_unreachable(string setUp)
    {
        var server = await GetSharedAsync(setUp);
        await using var closing = StubListener.Closing();
        await FailsWithinAsync(Quick, () => OpenAsync(ConnectorTo(server, closing.Port)), BackendError.Unreachable, BackendError.ConnectionLost);
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    public async Task A_server_that_never_answers_is_a_timeout_in_time(string setUp)
    {
        var server = await GetSharedAsync(setUp);
        await using var silent = StubListener.Silent();
        await FailsWithinAsync(
            TimeSpan.FromSeconds(6), () => OpenAsync(ConnectorTo(server, silent.Port, TimeSpan.FromSeconds(2))), BackendError.Timeout);
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    public async Task A_caller_who_leaves_gets_the_cancellation_at_once(string setUp)
    {
        var server = await GetSharedAsync(setUp);
        await using var silent = StubListener.Silent();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var opening = ConnectorTo(server, silent.Port).OpenAsync(cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [OnEveryServer]
    public async Task Closing_leaves_no_session_on_the_server(string server)
    {
        var own = await StartOwnAsync(server);
        for (var i = 0; i < 3; i++)
        {
            await using var connection = await own.CreateConnector().OpenAsync(CancellationToken.None);
            await connection.ProbeAsync(CancellationToken.None);
        }

        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(10);
        while (own.Server.SessionProcesses > 0 && DateTime.UtcNow < deadline)
        {
            await Task.Delay(50);
        }

        Assert.Equal(0, own.Server.SessionProcesses);
    }

    private static async Task OpenAsync(IBackendConnector connector)
    {
        await using var connection = await connector.OpenAsync(CancellationToken.None);
        await connection.ProbeAsync(CancellationToken.None);
    }

    private static IBackendConnector ConnectorTo(ContractServer server, int port, TimeSpan? timeout = null) =>
        server.CreateConnector(settings => settings with
        {
            Host = "127.0.0.1", Port = port, ConnectTimeout = timeout ?? settings.ConnectTimeout,
        });

    private static BackendSettings SettingsOf(TestServer server) => new()
    {
        Name = "contract",
        Host = server.Host,
        Port = server.Port,
        Username = server.Username,
        Password = new Secret(server.Password),
        Root = server.RemoteRoot,
    };

    private static KeyValuePair<string, string?>[] Keys(params (string Key, string Value)[] keys) =>
        [.. keys.Select(key => KeyValuePair.Create<string, string?>(key.Key, key.Value))];
}
