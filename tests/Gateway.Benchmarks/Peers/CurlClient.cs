using System.Globalization;
using Gateway.Benchmarks.Measuring;
using Gateway.Testing.Servers;

namespace Gateway.Benchmarks.Peers;

/// <summary><c>curl</c> with explicit TLS: a process and a login for each transfer. Its own clock tells when the transfer began.</summary>
internal sealed class CurlClient(string host, int port, string user, string password, string authorityFile) : Peer
{
    protected override int? ProcessId => null;

    public Task<Work> DownloadAsync(string path, long length, string target) => RunAsync(path, ["--output", target], length);

    public Task<Work> UploadAsync(string source, string path) => RunAsync(path, ["--upload-file", source], new FileInfo(source).Length);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<Work> RunAsync(string path, string[] arguments, long length)
    {
        // The password goes in by standard input, not by an argument that every process of the machine can read.
        var output = await Command.RunAsync(
            "curl",
            [
                "--silent", "--show-error", "--fail", "--ssl-reqd", "--cacert", authorityFile, "--config", "-",
                "--write-out", "%{time_pretransfer} %{time_total} %{size_download} %{size_upload}\\n", .. arguments,
                string.Create(CultureInfo.InvariantCulture, $"ftp://{host}:{port}/{path}"),
            ],
            $"user = \"{user}:{password}\"\n");
        var figures = output.Trim().Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        return (long)(figures[2] + figures[3]) == length
            ? new Work(TimeSpan.FromSeconds(figures[1] - figures[0]), length, [])
            : throw new InvalidDataException($"curl transferred {figures[2] + figures[3]} bytes instead of {length}.");
    }
}
