using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gateway.FunctionalTests.Contract;
using Gateway.Testing.Certificates;
using Gateway.Testing.Gateways;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Whatever is wrong with a backend comes back as its own problem, quickly, and says what to do.</summary>
public sealed class FailureTests
{
    private const string Secret = "not-the-password-7713";

    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(8);

    [Theory]
    [InlineData("openssh-chroot-password")]
    [InlineData("asyncssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    [InlineData("proftpd-tls1.3")]
    [InlineData("pure-ftpd")]
    public Task A_wrong_password(string setUp) =>
        ExpectAsync(setUp, HttpStatusCode.BadGateway, "backend-authentication-failed", ("Password", Secret));

    [Theory]
    [InlineData("openssh")]
    [InlineData("asyncssh")]
    [InlineData("rclone")]
    public Task An_unknown_host_key(string setUp) => ExpectAsync(
        setUp, HttpStatusCode.BadGateway, "backend-host-key-mismatch",
        ("Sftp:HostKeyFingerprints:0", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));

    [Theory]
    [InlineData("openssh")]
    [InlineData("openssh-sftp-server")]
    public async Task A_changed_host_key(string setUp)
    {
        await using var server = await ContractServer.StartOwnAsync(setUp);
        await ((SshServer)server.Server).ReplaceHostKeysAsync();
        await ExpectAsync(server, HttpStatusCode.BadGateway, "backend-host-key-mismatch");
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    public async Task A_port_that_speaks_http(string setUp)
    {
        await using var http = StubListener.Http();
        await ExpectAsync(setUp, HttpStatusCode.BadGateway, "backend-unreachable", ("Host", "127.0.0.1"), ("Port", Text(http.Port)));
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    public async Task A_server_that_never_answers(string setUp)
    {
        await using var silent = StubListener.Silent();
        await ExpectAsync(
            setUp, HttpStatusCode.GatewayTimeout, "backend-timeout",
            ("Host", "127.0.0.1"), ("Port", Text(silent.Port)), ("Pool:ConnectTimeout", "00:00:02"));
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("vsftpd-implicit")]
    public Task A_port_that_refuses(string setUp) => ExpectAsync(
        setUp, HttpStatusCode.BadGateway, "backend-unreachable", ("Host", "127.0.0.1"), ("Port", Text(FreePort.Next())));

    [Theory]
    [InlineData(ServerCertificateKind.OtherName, false)]
    [InlineData(ServerCertificateKind.Expired, false)]
    [InlineData(ServerCertificateKind.SelfSigned, false)]
    [InlineData(ServerCertificateKind.OtherName, true)]
    public async Task A_certificate_that_is_not_the_backends(ServerCertificateKind kind, bool isImplicit)
    {
        await using var ftp = await VsftpdServer.StartAsync(new FtpServerOptions { Certificate = kind, Implicit = isImplicit });
        await ExpectAsync(ContractServer.For(ftp), HttpStatusCode.BadGateway, "backend-certificate-invalid");
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    public async Task A_server_that_dies_and_comes_back_is_used_again(string setUp)
    {
        await using var server = await ContractServer.StartOwnAsync(setUp);
        server.Server.Files.Write("/file", "x"u8);
        await using var gateway = await GatewayHost.StartAsync(server.CreateConfiguration("backend"));
        await gateway.WaitUntilReadyAsync();
        var url = new Uri(Api.Files("backend", "file"), UriKind.Relative);
        Assert.Equal("x", await gateway.Client.GetStringAsync(url));

        await server.Server.StopAsync();
        using (var lost = await gateway.Client.GetAsync(url))
        {
            await Api.AssertProblemAsync(lost, HttpStatusCode.BadGateway, "backend-unreachable");
        }

        await server.Server.StartAgainAsync();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var response = await gateway.Client.GetAsync(url);
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(40));
            await Task.Delay(200);
        }
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("proftpd-tls1.2")]
    public async Task A_server_that_dies_under_a_download_truncates_it_for_every_client_to_see(string setUp)
    {
        await using var server = await ContractServer.StartOwnAsync(setUp);
        server.Server.Files.Write("/file", []);
        using (var file = new FileStream(server.Server.Files.Locate("/file"), FileMode.Open, FileAccess.Write))
        {
            file.SetLength(512L * 1024 * 1024);
        }

        await using var gateway = await GatewayHost.StartAsync(server.CreateConfiguration("backend"));
        await gateway.WaitUntilReadyAsync();
        using var response = await gateway.Client.GetAsync(
            new Uri(Api.Files("backend", "file"), UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode);
        await using var body = await response.Content.ReadAsStreamAsync();
        Assert.True(await body.ReadAsync(new byte[1000]) > 0);
        await server.Server.StopAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    private static async Task ExpectAsync(string setUp, HttpStatusCode status, string problem, params (string Key, string Value)[] changes) =>
        await ExpectAsync(await ContractServer.GetSharedAsync(setUp), status, problem, changes);

    /// <summary>
    /// Starts a gateway with this backend alone. Each request gets the problem of the cause, not only the first, and health tells the same.
    /// </summary>
    private static async Task ExpectAsync(
        ContractServer server, HttpStatusCode status, string problem, params (string Key, string Value)[] changes)
    {
        var keys = server.CreateConfiguration("backend");
        foreach (var (key, value) in changes)
        {
            keys["Gateway:Backends:backend:" + key] = value;
        }

        // The right key would let a wrong password in.
        if (changes.Any(change => change.Key == "Password"))
        {
            keys.Remove("Gateway:Backends:backend:Sftp:PrivateKeyFile");
        }

        await using var gateway = await GatewayHost.StartAsync(keys);
        for (var i = 0; i < 3; i++)
        {
            var clock = Stopwatch.StartNew();
            using var response = await gateway.Client.GetAsync(new Uri(Api.Directories("backend"), UriKind.Relative));
            var document = await Api.AssertProblemAsync(response, status, problem);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Quickly);
            Assert.Equal("backend", document.GetProperty("backend").GetString());
            var detail = document.GetProperty("detail").GetString()!;
            Assert.DoesNotContain(Secret, detail, StringComparison.Ordinal);
            Assert.DoesNotContain(server.Server.Password, detail, StringComparison.Ordinal);
            Assert.InRange(detail.Length, 20, 400);
        }

        using var health = await gateway.Client.GetAsync(new Uri("/health", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains(problem, await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Logs.Lines, line => line.Text.Contains(Secret, StringComparison.Ordinal)
            || line.Text.Contains(server.Server.Password, StringComparison.Ordinal));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
