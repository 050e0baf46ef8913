using System.Globalization;
using Gateway.Testing.Servers;

namespace Gateway.Benchmarks.Measuring;

/// <summary>Processor time and memory of processes with all that descend from them, as /proc tells (proc(5)).</summary>
internal static class ProcessUsage
{
    // USER_HZ: fixed at 100 for user space on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of processor time of a tree, with its children that have ended.</summary>
    public static double GetCpu(int processId) => Tree(processId).Sum(id => SumStat(id, 11, 4));

    /// <summary>Seconds of processor time of this process's children that have ended.</summary>
    public static double GetEndedChildrenCpu() => SumStat(Environment.ProcessId, 13, 2);

    /// <summary>Seconds of processor time of one process alone.</summary>
    public static double GetOwnCpu(int processId) => SumStat(processId, 11, 2);

    /// <summary>Seconds in which any core of the machine was busy, summed over its cores.</summary>
    public static double GetMachineCpu()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // user, nice, system, then idle and iowait, then irq and softirq; guests are counted in user already.
        return new[] { 1, 2, 3, 6, 7 }.Sum(i => double.Parse(fields[i], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Resident bytes of a tree, now. Pages that its processes share count in each.</summary>
    public static long GetResident(int processId) => Tree(processId).Sum(id => ReadStatus(id, "VmRSS:"));

    /// <summary>The sum of the largest resident sets since <see cref="ResetPeak"/>, in bytes.</summary>
    public static long GetPeak(int processId) => Tree(processId).Sum(id => ReadStatus(id, "VmHWM:"));

    /// <summary>From now on the largest resident set counts anew.</summary>
    public static void ResetPeak(int processId)
    {
        foreach (var id in Tree(processId))
        {
            try
            {
                File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/clear_refs"), "5");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }
        }
    }

    private static IEnumerable<int> Tree(int processId) => ProcessTree.GetDescendants(processId).Append(processId);

    private static double SumStat(int processId, int first, int count)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            // Fields are counted from behind the command name, which may hold spaces and parentheses.
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[first..(first + count)].Sum(field => double.Parse(field, CultureInfo.InvariantCulture))
                / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static long ReadStatus(int processId, string name)
    {
        try
        {
            var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status"))
                .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
