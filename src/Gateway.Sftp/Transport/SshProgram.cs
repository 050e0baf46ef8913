using System.Text.RegularExpressions;

namespace Gateway.Sftp.Transport;

/// <summary>Where the OpenSSH programs are.</summary>
internal static partial class SshProgram
{
    /// <summary>The oldest client that has everything the argument list uses (KnownHostsCommand).</summary>
    public const string OldestVersion = "8.5";

    /// <summary>PATH of every child.</summary>
    public const string SearchPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>ssh, where it was found when the gateway started; <c>/usr/bin/ssh</c> where it was not.</summary>
    public static string DefaultPath { get; } = Find("ssh") ?? "/usr/bin/ssh";

    /// <summary>Why SFTP cannot work on this machine, as a sentence; null if it can.</summary>
    /// <param name="path">The ssh program; null: there is none.</param>
    public static string? WhyNot(string? path)
    {
        if (path is null)
        {
            return "The protocol sftp needs the OpenSSH client. Install openssh-client where the gateway runs.";
        }

        var said = SshTool.Run(path, ["ssh", "-V"], "", TimeSpan.FromSeconds(10)) ?? "";
        if (said.Contains("No user exists for uid", StringComparison.Ordinal))
        {
            return "The gateway's user id has no entry in /etc/passwd, and ssh demands one. Run as the image's own user, or add an entry.";
        }

        return OpenSshVersion().Match(said) is { Success: true } version
            && new Version(version.Groups["version"].Value) >= new Version(OldestVersion)
                ? null
                : $"The ssh program is not OpenSSH {OldestVersion} or newer. Install openssh-client where the gateway runs.";
    }

    /// <summary>Looks in the gateway's own PATH, then in the usual places. Null: not found.</summary>
    public static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:{SearchPath}"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    [GeneratedRegex(@"^OpenSSH_(?<version>\d{1,3}\.\d{1,3})", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex OpenSshVersion();
}
