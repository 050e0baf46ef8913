using System.Globalization;
using Gateway.Testing.Faults;
using Gateway.Testing.Servers;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Faults;

/// <summary>
/// Full load while servers and networks fail at random: whatever happens, nothing is lost. The seed of a failure is in its message;
/// <c>GATEWAY_FAULT_SEED</c> repeats it.
/// </summary>
public sealed class RandomFaultTests(ITestOutputHelper output)
{
    private static readonly int RandomSeed =
        int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_FAULT_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next(100_000);

    public static TheoryData<string, int> Seeds => new()
    {
        { "vsftpd", 1 }, { "proftpd", 2 }, { "vsftpd", RandomSeed },
    };

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Nothing_is_lost(string ftps, int seed)
    {
        var sftp = await FaultBackend.StartSftpAsync("sftp");
        var ftp = FaultBackend.For("ftps", ftps == "vsftpd" ? await VsftpdServer.StartAsync() : await ProFtpdServer.StartAsync());
        await using var run = await FaultRun.StartAsync(new FaultOptions { Seed = seed, Rounds = 3 }, sftp, ftp);
        await run.RunAsync();
        output.WriteLine($"Seed {seed}: {run.Tally.Requests} requests ({run.Tally.Outcomes}), faults: {run.Tally.FaultsByKind}");
        Assert.True(run.Verdict is null, run.Verdict);
    }
}
