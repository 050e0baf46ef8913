using Gateway.Sftp.Transport;
using Gateway.Testing;

namespace Gateway.FunctionalTests.Sftp.Transport;

public sealed class ProcessScheduleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_process_that_computes_runs_and_one_of_many_waits()
    {
        // More than there are processors: each has to wait for its turn.
        var command = FakeSsh.Create(_folder, "while :; do :; done");
        var processes = Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(_ => SshProcess.Start(command, TimeProvider.System)).ToList();
        try
        {
            await Eventually.HoldsAsync(() => processes.TrueForAll(
                process => ProcessSchedule.Read(process.ProcessId) is var (ran, waited) && ran.TotalMilliseconds >= 50 && waited >= ran));
        }
        finally
        {
            await Task.WhenAll(processes.Select(process => process.DisposeAsync().AsTask()));
        }

        Assert.Null(ProcessSchedule.Read(processes[0].ProcessId));
    }

    [Fact]
    public async Task A_process_that_sleeps_neither_runs_nor_waits()
    {
        await using var process = SshProcess.Start(FakeSsh.Create(_folder, "exec sleep 60"), TimeProvider.System);
        await Eventually.HoldsAsync(() => File.ReadAllText($"/proc/{process.ProcessId}/status") is var status
            && status.Contains("Name:\tsleep", StringComparison.Ordinal) && status.Contains("State:\tS", StringComparison.Ordinal));

        var first = ProcessSchedule.Read(process.ProcessId);
        await Task.Delay(300);

        Assert.NotNull(first);
        Assert.Equal(first, ProcessSchedule.Read(process.ProcessId));
    }
}
