using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.Testing.Servers;

/// <summary>Processes and what descends from them, as /proc tells.</summary>
public static partial class ProcessTree
{
    private const int Sigkill = 9;
    private const int Sigstop = 19;

    /// <summary>A process is gone or a zombie.</summary>
    public static bool IsGone(int processId) => ReadStat(processId) is not { } stat || stat[0] is "Z" or "X";

    /// <summary>Start time in clock ticks since boot; null when there is no such process.</summary>
    public static string? GetStartTime(int processId) => ReadStat(processId)?[19];

    /// <summary>The command line, arguments separated by spaces; empty for a zombie or when there is no such process.</summary>
    public static string GetCommandLine(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/cmdline").Replace('\0', ' ').TrimEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The scheduling policies (sched(7): 0 SCHED_OTHER, 3 SCHED_BATCH) of a process's threads of one name.</summary>
    public static IReadOnlyList<int> GetPolicies(int processId, string threadName) =>
        [.. ReadThreads(processId).Where(thread => thread.Name == threadName).Select(thread => int.Parse(thread.Stat[38], CultureInfo.InvariantCulture))];

    /// <summary>Everything that descends from a process, zombies left out.</summary>
    public static IReadOnlyList<int> GetDescendants(int processId)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var child)
                && ReadStat(child) is { } stat && stat[0] is not ("Z" or "X"))
            {
                var parent = int.Parse(stat[1], CultureInfo.InvariantCulture);
                (CollectionsMarshal.GetValueRefOrAddDefault(children, parent, out _) ??= []).Add(child);
            }
        }

        var found = new List<int>();
        var open = new Queue<int>([processId]);
        while (open.TryDequeue(out var next))
        {
            foreach (var child in children.GetValueOrDefault(next, []))
            {
                found.Add(child);
                open.Enqueue(child);
            }
        }

        return found;
    }

    /// <summary>Sends a signal; a process that is gone is no error.</summary>
    public static void Signal(int processId, int signal) => _ = Kill(processId, signal);

    /// <summary>Sends a signal to each process that is still the one which started at its time.</summary>
    public static void SignalAll(IReadOnlyDictionary<int, string?> startTimes, int signal)
    {
        foreach (var (processId, startTime) in startTimes)
        {
            if (startTime is not null && string.Equals(GetStartTime(processId), startTime, StringComparison.Ordinal))
            {
                Signal(processId, signal);
            }
        }
    }

    /// <summary>
    /// Waits until each thread of a process has stopped, or the process is gone: a signal to stop takes a moment, in which a server with
    /// several threads still answers.
    /// </summary>
    public static void AwaitStop(int processId) => SpinWait.SpinUntil(() => IsStopped(processId), TimeSpan.FromSeconds(5));

    private static bool IsStopped(int processId) => ReadThreads(processId).All(thread => thread.Stat[0] is "T" or "t" or "Z" or "X");

    /// <summary>A process's threads by their names; none where it is gone.</summary>
    private static List<(string Name, string[] Stat)> ReadThreads(int processId)
    {
        var threads = new List<(string, string[])>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/task"))
            {
                if (ReadStat(folder, out var name) is { } stat)
                {
                    threads.Add((name, stat));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            threads.Clear();
        }

        return threads;
    }

    /// <summary>Kills what descends from a process; nothing of it is left, stopped ones included.</summary>
    public static void KillDescendants(int processId)
    {
        // All are stopped first: one that forks while its parent is being killed would leave a child that descends from nobody.
        var stopped = new Dictionary<int, string?>();
        while (GetDescendants(processId).Where(descendant => stopped.TryAdd(descendant, GetStartTime(descendant))).ToArray() is { Length: > 0 } found)
        {
            foreach (var descendant in found)
            {
                Signal(descendant, Sigstop);
            }
        }

        // One whose parent ended by itself meanwhile descends from nobody, either.
        SignalAll(stopped, Sigkill);
        while (GetDescendants(processId) is { Count: > 0 } descendants)
        {
            foreach (var descendant in descendants)
            {
                Signal(descendant, Sigkill);
            }
        }
    }

    private static string[]? ReadStat(int processId) => ReadStat($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}", out _);

    /// <param name="folder">Of a process or a thread.</param>
    /// <param name="name">Its name, of at most 15 bytes.</param>
    private static string[]? ReadStat(string folder, out string name)
    {
        name = "";
        try
        {
            var stat = File.ReadAllText(folder + "/stat");
            // The name may hold spaces and parentheses: fields are counted from behind it (proc(5)).
            var end = stat.LastIndexOf(')');
            name = stat[(stat.IndexOf('(') + 1)..end];
            return stat[(end + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
