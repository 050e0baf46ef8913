using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Gateway.Benchmarks.Stages;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.Benchmarks.Reporting;

/// <summary>Where and with what it was measured.</summary>
/// <param name="Date">When, by the machine's clock.</param>
/// <param name="Cores">How many processors it has.</param>
/// <param name="Processor">What it calls itself.</param>
/// <param name="Memory">In MiB.</param>
/// <param name="Kernel">Linux's version.</param>
/// <param name="System">The distribution.</param>
/// <param name="Files">Where the served files are: memory or disk.</param>
/// <param name="Versions">Of all programs.</param>
/// <param name="Missing">Peers that are not installed and were left out.</param>
internal sealed partial record Machine(
    DateTimeOffset Date,
    int Cores,
    string Processor,
    long Memory,
    string Kernel,
    string System,
    string Files,
    IReadOnlyDictionary<string, string> Versions,
    IReadOnlyList<string> Missing)
{
    public static async Task<Machine> DescribeAsync(TimeProvider time, Stage stage)
    {
        var versions = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["gateway"] = await FindAsync("git", ["-C", Repository.Root, "describe", "--always", "--dirty"]) ?? "unknown",
            [".NET"] = Environment.Version.ToString(),
            ["OpenSSH"] = await FindAsync("ssh", ["-V"]) ?? "unknown",
            ["vsftpd"] = await ReadGreetingAsync(stage.Ftp.Port),
        };
        var missing = new List<string>();
        foreach (var (program, option) in new[] { ("rclone", "version"), ("lftp", "--version"), ("curl", "--version") })
        {
            if (!Programs.IsInstalled(program))
            {
                missing.Add(program);
            }
            else
            {
                versions[program] = await FindAsync(program, [option]) ?? "unknown";
            }
        }

        return new Machine(
            time.GetUtcNow(),
            Environment.ProcessorCount,
            ReadField("/proc/cpuinfo", "model name"),
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024),
            (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease")).Trim(),
            ReadField("/etc/os-release", "PRETTY_NAME").Trim('"'),
            stage.IsInMemory ? "memory" : "the page cache of a disk",
            versions,
            missing);
    }

    /// <summary>The first thing in a program's words that looks like a version.</summary>
    private static async Task<string?> FindAsync(string program, string[] arguments)
    {
        var (exitCode, output) = await Command.TryRunAsync(program, arguments);
        if (program == "git")
        {
            return exitCode == 0 ? output.Trim() : null;
        }

        return Version().Match(output) is { Success: true } match ? match.Value : null;
    }

    /// <summary>vsftpd names itself to whoever connects; its <c>-v</c> writes to standard input.</summary>
    private static async Task<string> ReadGreetingAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        using var reader = new StreamReader(client.GetStream());
        return Version().Match(await reader.ReadLineAsync() ?? "") is { Success: true } match ? match.Value : "unknown";
    }

    private static string ReadField(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(['=', ':'], 2)[1].Trim() ?? "unknown";

    [GeneratedRegex(@"\d+(\.\d+)+\w*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
