using System.Net;
using System.Text.Json;
using Gateway.Testing;
using Gateway.Testing.Hostile;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Hostile;

/// <summary>SFTP servers that lie.</summary>
public sealed class HostileSftpTests(HostileSftpFixture fixture, ITestOutputHelper output) : IClassFixture<HostileSftpFixture>
{
    public static TheoryData<string> Scripts => [.. HostileSftpScripts.All.Keys];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Every_answer_of_a_server_that_gives(string script)
    {
        await BeginAsync();
        fixture.Server.Instead = HostileSftpScripts.All[script];

        var outcomes = await fixture.Gateway.ProveAsync();

        fixture.Server.Instead = static (_, _, _) => Task.FromResult(false);
        output.WriteLine(string.Join('\n', outcomes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_answer_of_a_server_whose_packets_are_damaged_at_random(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 3; round++)
        {
            await BeginAsync();
            fixture.Server.Mutate = packet => Damage.Some(random, packet);
            var outcomes = await fixture.Gateway.ProveAsync();
            output.WriteLine(string.Join('\n', outcomes));
        }
    }

    [Fact]
    public async Task Odd_names_are_shown_escaped_and_lead_nowhere()
    {
        byte[][] names =
        [
            "plain"u8.ToArray(), "../up"u8.ToArray(), "/etc/passwd"u8.ToArray(), "a/b"u8.ToArray(), "a\0b"u8.ToArray(), "a\r\nb"u8.ToArray(),
            [0xFF, 0xFE], [0xC0, 0xAE, 0xC0, 0xAE], [], "..\\up"u8.ToArray(), "\u001b[31mred"u8.ToArray(), [.. Enumerable.Repeat((byte)'x', 100_000)],
        ];
        await BeginAsync();
        var sent = false;
        fixture.Server.Instead = async (session, packet, token) =>
        {
            if (packet.Type != 12)
            {
                return false;
            }

            // A second READDIR is already on its way: each listing gets the names once.
            await (sent ? session.SendStatusAsync(packet.Id, 1, token) : session.SendNamesAsync(packet.Id, names, HostileSftpSession.Attributes(0x81A4, 5), token));
            sent = true;
            return true;
        };

        using var response = await fixture.Gateway.Host.Client.GetAsync(new Uri("/v1/backends/bad/directories/", UriKind.Relative));
        fixture.Server.Instead = static (_, _, _) => Task.FromResult(false);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var entries = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(names.Length, entries.Count);
        Assert.Equal(
            ["/..\\up", "/plain"],
            entries.Select(entry => entry.GetProperty("path").GetString()).Where(path => path is not null).Order(StringComparer.Ordinal));
        var shown = entries.Select(entry => entry.GetProperty("name").GetString()!).ToList();
        Assert.Contains("..\\u{2f}up", shown);
        Assert.Contains("a\\u{0}b", shown);
        Assert.Contains("a\\u{d}\\u{a}b", shown);
        Assert.Contains("\\xff\\xfe", shown);
        Assert.All(shown, name => Assert.DoesNotContain(name, char.IsControl));
        Assert.All(shown, name => Assert.InRange(name.Length, 0, 1100));
    }

    [Fact]
    public async Task The_gateway_goes_on_as_soon_as_the_server_is_honest_again()
    {
        await BeginAsync();
        fixture.Server.Instead = HostileSftpScripts.All["a packet of two gigabytes"];
        await fixture.Gateway.ProveAsync();
        fixture.Server.Instead = static (_, _, _) => Task.FromResult(false);
        Fill(fixture.Server);

        await Eventually.HoldsAsync(async () =>
        {
            using var response = await fixture.Gateway.Host.Client.GetAsync(new Uri("/v1/backends/bad/files/file", UriKind.Relative));
            return response.StatusCode == HttpStatusCode.OK && (await response.Content.ReadAsByteArrayAsync()).Length == 300_000;
        });
    }

    [Theory]
    [InlineData("within-root", HttpStatusCode.Forbidden)]
    [InlineData("refuse", HttpStatusCode.Forbidden)]
    [InlineData("follow", HttpStatusCode.OK)]
    public async Task Links_are_found_out_though_the_server_resolves_none(string policy, HttpStatusCode expected)
    {
        // As servers do whose REALPATH only tidies its argument up: it answers with what it was asked.
        fixture.Server.Instead = static (session, packet, token) => packet.Type is 7 && packet.FirstString == "/link"
            ? AnswerAsync(session.SendAsync(105, packet.Id, HostileSftpSession.Attributes(0xA1FF, 1), token))
            : Task.FromResult(false);
        fixture.Server.Extensions = ["posix-rename@openssh.com"];
        fixture.Server.Files["/link/file"] = "outside"u8.ToArray();
        await using var gateway = await HostileGateway.StartAsync(
            new Dictionary<string, string?>(fixture.Server.GetConfiguration("bad"), StringComparer.Ordinal) { ["Backends:bad:Symlinks"] = policy });

        using var response = await gateway.Host.Client.GetAsync(new Uri("/v1/backends/bad/files/link/file", UriKind.Relative));
        fixture.Server.Extensions = ["posix-rename@openssh.com", "lsetstat@openssh.com"];

        Assert.Equal(expected, response.StatusCode);
    }

    private static async Task<bool> AnswerAsync(Task sending)
    {
        await sending;
        return true;
    }

    private async Task BeginAsync()
    {
        fixture.Server.Instead = static (_, _, _) => Task.FromResult(false);
        fixture.Server.Mutate = static packet => packet;
        Fill(fixture.Server);

        // A connection that was opened during the last test was told lies, too: of the folder that is its root.
        await fixture.Server.EndSessionsAsync();
        await fixture.Gateway.WarmUpAsync();
    }

    private static void Fill(HostileSftpServer server)
    {
        server.Folders["/folder"] = 0;
        server.Files["/file"] = new byte[300_000];
        server.Files["/other"] = new byte[10];
        server.Files["/folder/file"] = new byte[300_000];
    }
}
