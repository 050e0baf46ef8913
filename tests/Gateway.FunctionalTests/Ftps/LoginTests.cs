using Gateway.Broker.Backends;
using Gateway.Testing.Certificates;
using Gateway.Testing.Fakes;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Ftps;

/// <summary>From the first byte to a connection that is ready, and every way there that fails.</summary>
public sealed class LoginTests : FtpsTest
{
    [Theory]
    [InlineData("", "421 Too many connections\r\n", BackendError.Unreachable)]
    [InlineData("", "220 hi\r\n220 again\r\n", BackendError.ProtocolError)]
    [InlineData("AUTH", "502 xyzzy\r\n", BackendError.ProtocolError)]
    [InlineData("AUTH", "234 go\r\n230 you are logged in already\r\n", BackendError.ProtocolError)]
    [InlineData("USER", "421 Too many users\r\n", BackendError.Unreachable)]
    [InlineData("USER", "530 xyzzy\r\n", BackendError.AuthenticationFailed)]
    [InlineData("USER", "332 account?\r\n", BackendError.AuthenticationFailed)]
    [InlineData("PASS", "530 Login incorrect.\r\n", BackendError.AuthenticationFailed)]
    [InlineData("PASS", "530 Sorry, the maximum number of clients is connected\r\n", BackendError.Unreachable)]
    [InlineData("PASS", "332 account?\r\n", BackendError.AuthenticationFailed)]
    [InlineData("PASS", "421 Closing\r\n", BackendError.Unreachable)]
    [InlineData("PROT", "536 xyzzy\r\n", BackendError.ProtocolError)]
    [InlineData("TYPE", "504 xyzzy\r\n", BackendError.ProtocolError)]
    [InlineData("CWD", "550 xyzzy\r\n", BackendError.ProtocolError)]
    [InlineData("PWD", "257 C:\\\r\n", BackendError.ProtocolError)]
    public async Task Each_refusal_is_its_own_failure(string verb, string answer, BackendError expected)
    {
        await using var server = new ScriptedFtpServer();
        server.Instead = (heard, _) => heard == verb ? answer : null;
        var failure = await FailsAsync(() => ConnectorTo(server).OpenAsync(default), expected);
        Assert.DoesNotContain(answer.Trim()[4..], failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTH", "502 no\r\n")]
    [InlineData("AUTH", "234 go\r\n230 you are logged in already\r\n")]
    public async Task Nothing_is_said_in_clear_text_but_AUTH(string verb, string answer)
    {
        await using var server = new ScriptedFtpServer();
        server.Instead = (heard, _) => heard == verb ? answer : null;
        await FailsAsync(() => ConnectorTo(server).OpenAsync(default), BackendError.ProtocolError);
        Assert.Equal(["AUTH TLS"], server.Commands);
    }

    [Theory]
    [InlineData("USER", "230 in\r\n")]
    [InlineData("USER", "232 in by certificate\r\n")]
    [InlineData("PASS", "202 superfluous\r\n")]
    [InlineData("FEAT", "502 what?\r\n")]
    [InlineData("OPTS", "504 what?\r\n")]
    [InlineData("SYST", "500 what?\r\n")]
    [InlineData("SITE", "500 what?\r\n")]
    [InlineData("", "220-many\r\n220 not the end\r\n 220 words\r\n")]
    public async Task Servers_that_differ_here_are_welcome(string verb, string answer)
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = [1, 2, 3] } };
        server.Instead = (heard, _) => heard == verb ? verb.Length > 0 ? answer : "220-many\r\n words 220\r\n220 end\r\n" : null;
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        Assert.Equal([1, 2, 3], await DownloadAsync(connection, "/f"));
    }

    [Fact]
    public async Task A_client_certificate_is_shown_to_a_server_that_asks_and_sessions_are_resumed_all_the_same()
    {
        using var authority = new TestCertificateAuthority();
        using var folder = new Gateway.Testing.TempFolder();
        var own = authority.CreateClientCertificate("gateway");
        await using var server = await VsftpdServer.StartAsync(new FtpServerOptions
        {
            ExtraLines = ["ssl_request_cert=YES", "require_cert=YES", "validate_cert=YES", $"ca_certs_file={folder.Write("clients.pem", authority.CertificatePem)}"],
        });
        server.Files.Write("/f", [1, 2, 3]);

        await FailsAsync(() => ConnectorTo(server).OpenAsync(default), BackendError.Unreachable);
        var pem = folder.Write("own.pem", own.CertificatePem + "\n" + own.PrivateKeyPem);
        await using var connection = await ConnectorTo(server, configure: options => options.ClientCertificateFile = pem).OpenAsync(default);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal([1, 2, 3], await DownloadAsync(connection, "/f"));
        }
    }

    [Fact]
    public async Task A_minimum_of_TLS_1_3_is_kept()
    {
        await using var old = await VsftpdServer.StartAsync(new FtpServerOptions { MaximumTls = "1.2" });
        var failure = await FailsAsync(
            () => ConnectorTo(old, configure: options => options.MinimumTlsVersion = "1.3").OpenAsync(default), BackendError.Unreachable);
        Assert.Contains("Ftps:MinimumTlsVersion", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_idles_too_long_for_the_server_is_noticed_without_a_request()
    {
        await using var server = await VsftpdServer.StartAsync(new FtpServerOptions { ExtraLines = ["idle_session_timeout=1"] });
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        Assert.Equal(BackendError.ConnectionLost, (await connection.Broken.WaitAsync(Patience)).Error);
    }
}
