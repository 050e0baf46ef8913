namespace Gateway.Benchmarks.Peers;

/// <summary><c>lftp</c> with explicit TLS.</summary>
internal sealed class LftpClient : ClientPeer
{
    private const string Done = "the-job-is-done";

    private LftpClient()
        : base("lftp", ["--norc"], new Dictionary<string, string>(StringComparer.Ordinal) { ["LC_ALL"] = "C" })
    {
    }

    private protected override (string Command, string Answer) Mark => ("echo " + Done, Done);

    /// <summary>Logs in.</summary>
    public static async Task<LftpClient> StartAsync(string host, int port, string user, string password, string authorityFile)
    {
        var client = new LftpClient();
        await client.LoginAsync($"""
            set cmd:fail-exit yes
            set xfer:clobber yes
            set xfer:make-backup no
            set ftp:ssl-force yes
            set ftp:ssl-protect-data yes
            set ssl:ca-file {authorityFile}
            open -u {user},{password} -p {port} ftp://{host}
            cls -1
            """);
        return client;
    }

    private protected override string GetDownload(string path, string target) => $"get {path} -o {target}";

    private protected override string GetUpload(string source, string path) => $"put {source} -o {path}";

    // Its own cache of listings would answer the second time.
    private protected override string GetList(string path) => $"recls {path} > /dev/null";
}
