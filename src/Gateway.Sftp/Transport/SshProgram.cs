namespace Gateway.Sftp.Transport;

/// <summary>Where the OpenSSH programs are.</summary>
internal static class SshProgram
{
    /// <summary>The oldest client that has everything the argument list uses (KnownHostsCommand).</summary>
    public const string OldestVersion = "8.5";

    /// <summary>PATH of every child.</summary>
    public const string SearchPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>ssh, where it was found when the gateway started; <c>/usr/bin/ssh</c> where it was not.</summary>
    public static string DefaultPath { get; } = Find("ssh") ?? "/usr/bin/ssh";

    /// <summary>Looks in the gateway's own PATH, then in the usual places. Null: not found.</summary>
    public static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:{SearchPath}"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
