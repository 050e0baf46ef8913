using System.Globalization;
using System.Net;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Gateway.Testing.Hostile;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Hostile;

/// <summary>FTPS servers that lie.</summary>
public sealed class HostileFtpsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly ScriptedFtpServer _server = new();
    private readonly TempFolder _folder = new();
    private HostileGateway _gateway = null!;

    public static TheoryData<string> Sessions => [.. HostileFtpScript.Sessions.Keys];

    public static TheoryData<string> Greetings => [.. HostileFtpScript.Greetings.Keys];

    public Task InitializeAsync()
    {
        _server.Files["file"] = new byte[300_000];
        _server.Files["other"] = new byte[10];
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Sessions))]
    public async Task Every_answer_of_a_server_that_gives(string script)
    {
        await StartAsync();
        await _gateway.WarmUpAsync();
        HostileFtpScript.Sessions[script](_server);

        output.WriteLine(string.Join('\n', await _gateway.ProveAsync()));
    }

    [Theory]
    [MemberData(nameof(Greetings))]
    public async Task Every_answer_of_a_server_that_greets_with(string script)
    {
        HostileFtpScript.Greetings[script](_server);
        await StartAsync();

        var outcomes = await _gateway.ProveAsync();

        output.WriteLine(string.Join('\n', outcomes));
        Assert.All(outcomes.Where(outcome => outcome != "good"), outcome => Assert.Matches(": (502|503|504) ", outcome));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_answer_of_a_server_whose_words_are_damaged_at_random(int seed)
    {
        await StartAsync();
        var random = new Random(seed);
        for (var round = 0; round < 3; round++)
        {
            _server.Mutate = static bytes => bytes;
            _server.Files["file"] = new byte[300_000];
            await _gateway.WarmUpAsync();
            _server.Mutate = bytes => Damage.Some(random, bytes);
            output.WriteLine(string.Join('\n', await _gateway.ProveAsync()));
        }
    }

    [Fact]
    public async Task A_passive_port_of_another_service_is_never_connected_to()
    {
        await StartAsync(operationTimeout: "00:00:20");
        await _gateway.WarmUpAsync();
        HostileFtpScript.Sessions["a passive port of another service"](_server);

        var outcome = await _gateway.SendAsync(HttpMethod.Get, "/v1/backends/bad/files/file");

        Assert.Contains("its port 22, where other services live", outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_with_another_certificate_is_an_operators_matter()
    {
        await StartAsync(operationTimeout: "00:00:20");
        await _gateway.WarmUpAsync();
        _server.ChangesCertificate = true;

        using var response = await _gateway.Host.Client.GetAsync(new Uri("/v1/backends/bad/directories/", UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("backend-certificate-invalid", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task StartAsync(string? operationTimeout = null)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Backends:bad:Protocol"] = "ftps",
            ["Backends:bad:Host"] = "localhost",
            ["Backends:bad:Port"] = _server.Port.ToString(CultureInfo.InvariantCulture),
            ["Backends:bad:Username"] = "user",
            ["Backends:bad:Password"] = "password",
            ["Backends:bad:Ftps:CertificateAuthorityFile"] = _folder.Write("authority.pem", _server.AuthorityPem),
        };
        _gateway = await HostileGateway.StartAsync(settings, operationTimeout);
    }
}
