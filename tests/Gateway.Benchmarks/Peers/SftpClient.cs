namespace Gateway.Benchmarks.Peers;

/// <summary>OpenSSH's <c>sftp</c>.</summary>
internal sealed class SftpClient : ClientPeer
{
    private SftpClient(IReadOnlyList<string> arguments)
        : base("sftp", arguments)
    {
    }

    // A batch ends at the first command that fails, and its output with it.
    private protected override (string Command, string Answer) Mark => ("pwd", "Remote working directory:");

    /// <summary>Logs in.</summary>
    /// <param name="arguments">Options and destination.</param>
    public static async Task<SftpClient> StartAsync(IReadOnlyList<string> arguments)
    {
        var client = new SftpClient(["-q", "-F", "none", "-b", "-", .. arguments]);
        await client.LoginAsync("lpwd");
        return client;
    }

    private protected override string GetDownload(string path, string target) => $"get {path} {target}";

    private protected override string GetUpload(string source, string path) => $"put {source} {path}";

    private protected override string GetList(string path) => $"ls -ln {path}";
}
