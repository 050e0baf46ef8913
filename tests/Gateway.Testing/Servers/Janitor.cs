using System.Diagnostics;
using System.Globalization;

namespace Gateway.Testing.Servers;

/// <summary>The process that cleans up after this one, also when it is killed. One per test process, started on first use.</summary>
internal static class Janitor
{
    private static readonly Lazy<Process> Instance = new(Start);

    /// <summary>Starts it, so that leftovers of earlier runs are gone before a server is started.</summary>
    public static void EnsureRunning() => _ = Instance.Value;

    /// <summary>From now on a server that must not outlive this process.</summary>
    public static void Watch(int processId) => Tell('+', processId, ProcessTree.GetStartTime(processId));

    /// <summary>The server was stopped by its owner.</summary>
    public static void Forget(int processId, string? startTime) => Tell('-', processId, startTime);

    private static void Tell(char sign, int processId, string? startTime)
    {
        var input = Instance.Value.StandardInput;
        lock (input)
        {
            input.Write(string.Create(CultureInfo.InvariantCulture, $"{sign}{processId} {startTime}\n"));
            input.Flush();
        }
    }

    private static Process Start()
    {
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false, RedirectStandardInput = true };
        start.ArgumentList.Add("bash");
        start.ArgumentList.Add("-s");
        start.ArgumentList.Add("gateway-tests-janitor");
        start.ArgumentList.Add(TestProcess.Mark);
        var janitor = Process.Start(start) ?? throw new InvalidOperationException("setsid did not start.");
        janitor.StandardInput.Write(EmbeddedText.Read("janitor.sh"));
        janitor.StandardInput.Flush();
        return janitor;
    }
}
