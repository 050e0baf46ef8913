using Gateway.Testing.Hostile;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Hostile;

/// <summary>SFTP servers that lie from the first word on.</summary>
public sealed class HostileSftpGreetingTests(ITestOutputHelper output)
{
    public static TheoryData<string> Greetings => [.. HostileSftpScripts.Greetings.Keys];

    [Theory]
    [MemberData(nameof(Greetings))]
    public async Task A_server_whose_first_packet_is(string script)
    {
        await using var server = await HostileSftpServer.StartAsync();
        server.Instead = HostileSftpScripts.Greetings[script];
        await using var gateway = await HostileGateway.StartAsync(server.GetConfiguration("bad"));

        var outcomes = await gateway.ProveAsync();

        output.WriteLine(string.Join('\n', outcomes));
        Assert.All(outcomes.Where(outcome => outcome != "good"), outcome => Assert.Matches(": (502|503|504) ", outcome));
    }
}
