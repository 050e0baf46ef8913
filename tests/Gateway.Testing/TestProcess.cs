using System.Globalization;

namespace Gateway.Testing;

/// <summary>This process, as everything it leaves on the machine is marked with it.</summary>
internal static class TestProcess
{
    /// <summary>Process id and start time (clock ticks since boot): together they never name another process.</summary>
    public static string Mark { get; } = GetMark();

    private static string GetMark()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        // Fields are counted from behind the command name, which may itself hold spaces and parentheses (proc(5)).
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{fields[19]}");
    }
}
