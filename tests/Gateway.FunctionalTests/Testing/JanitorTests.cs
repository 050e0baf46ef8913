using System.Diagnostics;
using System.Globalization;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Testing;

/// <summary>What a killed test run leaves behind is cleaned up.</summary>
public sealed class JanitorTests
{
    private const int Sigkill = 9;

    [Fact]
    public async Task Servers_and_folders_of_a_killed_process_go_with_it_and_those_of_a_living_one_stay()
    {
        using var mine = new TempFolder();
        using var parent = Start("sleep", "1000");
        var mark = Mark(parent.Id);
        var folder = Directory.CreateDirectory($"/tmp/gateway-tests-{mark}-test/inner").Parent!;
        using var server = Start("bash", "-c", "sleep 1000 & sleep 1000 & wait");
        await Eventually.HoldsAsync(() => ProcessTree.GetDescendants(server.Id).Count == 2);
        int[] processes = [server.Id, .. ProcessTree.GetDescendants(server.Id)];

        using var janitor = Process.Start(new ProcessStartInfo("bash")
        {
            UseShellExecute = false, RedirectStandardInput = true, ArgumentList = { "-s", "test-janitor", mark },
        })!;
        await janitor.StandardInput.WriteAsync(await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "tests/Gateway.Testing/Servers/janitor.sh")));
        await janitor.StandardInput.WriteAsync(
            string.Create(CultureInfo.InvariantCulture, $"+{server.Id} {ProcessTree.GetStartTime(server.Id)}\n"));
        await janitor.StandardInput.FlushAsync();

        Assert.True(folder.Exists);
        ProcessTree.Signal(parent.Id, Sigkill);
        janitor.StandardInput.Close();
        await janitor.WaitForExitAsync();

        Assert.All(processes, process => Assert.True(ProcessTree.IsGone(process)));
        Assert.False(Directory.Exists(folder.FullName));
        Assert.True(Directory.Exists(mine.Path));
    }

    private static Process Start(string file, params string[] arguments) => Process.Start(file, arguments);

    private static string Mark(int processId) =>
        string.Create(CultureInfo.InvariantCulture, $"{processId}-{ProcessTree.GetStartTime(processId)}");
}
