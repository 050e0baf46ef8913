using System.Diagnostics;
using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Peers;

/// <summary>
/// A direct client, the ceiling, that is logged in once and told what to do on its standard input: its logins do not count, as the
/// gateway's do not. What it says when it is done is waited for.
/// </summary>
internal abstract class ClientPeer : Peer
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private protected ClientPeer(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    protected override int? ProcessId => _process.Id;

    /// <summary>Downloads a file to a place of this machine, <c>/dev/null</c> too.</summary>
    public Task<Work> DownloadAsync(string path, long length, string target) => RunAsync(GetDownload(path, target), length);

    /// <summary>Uploads a file.</summary>
    public Task<Work> UploadAsync(string source, string path) => RunAsync(GetUpload(source, path), new FileInfo(source).Length);

    /// <summary>Lists a folder.</summary>
    public Task<Work> ListAsync(string path) => RunAsync(GetList(path), 0);

    public override async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private protected abstract string GetDownload(string path, string target);

    private protected abstract string GetUpload(string source, string path);

    private protected abstract string GetList(string path);

    /// <summary>A command that makes it say something which nothing else makes it say, and what that is.</summary>
    private protected abstract (string Command, string Answer) Mark { get; }

    /// <summary>Waits until it is logged in.</summary>
    private protected Task LoginAsync(string command) => RunAsync(command, 0);

    private async Task<Work> RunAsync(string command, long bytes)
    {
        var started = Stopwatch.GetTimestamp();
        await _process.StandardInput.WriteAsync(command + "\n" + Mark.Command + "\n");
        await _process.StandardInput.FlushAsync();
        while (true)
        {
            var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience)
                ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} {command}: {await _process.StandardError.ReadToEndAsync()}");
            if (line.Contains(Mark.Answer, StringComparison.Ordinal))
            {
                return new Work(Stopwatch.GetElapsedTime(started), bytes, bytes == 0 ? [Work.MillisecondsSince(started)] : []);
            }
        }
    }
}
