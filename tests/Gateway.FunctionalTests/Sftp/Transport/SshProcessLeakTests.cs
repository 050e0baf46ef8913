using System.Globalization;
using Gateway.Sftp.Transport;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

/// <summary>Counts what the whole process has open, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(SshProcessLeakTests), DisableParallelization = true)]
[Collection(nameof(SshProcessLeakTests))]
public sealed class SshProcessLeakTests
{
    [Fact]
    public async Task A_hundred_connections_opened_and_closed_at_once_leave_no_process_and_no_descriptor()
    {
        await using var server = await SshServer.StartAsync();
        var command = SshCommands.ByKey(server);
        await SshCommands.SucceedAsync(command);
        var before = CountDescriptors();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 100),
            new ParallelOptions { MaxDegreeOfParallelism = 100 },
            async (_, cancellationToken) =>
            {
                await using var process = SshProcess.Start(command with { ConnectTimeout = TimeSpan.FromMinutes(2) }, TimeProvider.System);
                await process.WaitForLoginAsync(cancellationToken);
                await SshCommands.GreetAsync(process);
            });

        Assert.Empty(SshCommands.ProcessesFor(server.Port));
        Assert.Empty(FindZombies());
        await Eventually.HoldsAsync(() => CountDescriptors() <= before + 3);
    }

    [Fact]
    public async Task A_hundred_logins_given_up_at_any_moment_leave_no_process_and_no_descriptor()
    {
        await using var server = await SshServer.StartAsync();
        var command = SshCommands.ByKey(server);
        await SshCommands.SucceedAsync(command);
        var before = CountDescriptors();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 100),
            new ParallelOptions { MaxDegreeOfParallelism = 20 },
            async (number, _) =>
            {
                await using var process = SshProcess.Start(command, TimeProvider.System);
                await Task.WhenAny(process.Exited, Task.Delay(number * 3, CancellationToken.None));
            });

        Assert.Empty(SshCommands.ProcessesFor(server.Port));
        Assert.Empty(FindZombies());
        await Eventually.HoldsAsync(() => CountDescriptors() <= before + 3);
    }

    private static int CountDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static List<string> FindZombies() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
            .Select(ReadStatus)
            .Where(status => status.Contains("State:\tZ", StringComparison.Ordinal)
                && status.Contains("Name:\tssh\n", StringComparison.Ordinal)
                && status.Contains(string.Create(CultureInfo.InvariantCulture, $"PPid:\t{Environment.ProcessId}\n"), StringComparison.Ordinal)),
    ];

    private static string ReadStatus(string folder)
    {
        try
        {
            return File.ReadAllText(folder + "/status");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
