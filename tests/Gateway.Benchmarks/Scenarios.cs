using System.Diagnostics;
using System.Globalization;

namespace Gateway.Benchmarks;

/// <summary>What is measured.</summary>
internal static class Scenarios
{
    private const int Callers = 64;
    private static readonly TimeSpan SmallFilesFor = TimeSpan.FromSeconds(3);

    public static IEnumerable<Scenario> All(Stage stage)
    {
        yield return new Scenario("download of the large file", "MiB/s",
        [
            new Contender("gateway", () => DownloadAsync(stage, new Uri(stage.GatewayFiles, "large"))),
            new Contender("rclone serve http", () => DownloadAsync(stage, new Uri(stage.Rclone, "large"))),
            new Contender("sftp direct", () => SftpAsync(stage, $"get {stage.RemoteRoot}/large /dev/null")),
        ]);
        yield return new Scenario("upload of the large file", "MiB/s",
        [
            new Contender("gateway", () => UploadAsync(stage)),
            new Contender("sftp direct", async () =>
            {
                var figure = await SftpAsync(stage, $"put {stage.LargeFile} {stage.RemoteRoot}/sent");
                await stage.RemoveAsync("sent");
                return figure;
            }),
        ]);
        yield return new Scenario(string.Create(CultureInfo.InvariantCulture, $"4 KiB downloads, {Callers} callers"), "/s",
        [
            new Contender("gateway", () => SmallFilesAsync(new Uri(stage.GatewayFiles, "small"))),
            new Contender("rclone serve http", () => SmallFilesAsync(new Uri(stage.Rclone, "small"))),
        ]);
        yield return new Scenario("listing of 10,000 entries", "/s",
        [
            new Contender("gateway", () => ListAsync(new Uri(stage.GatewayFolders, "many"))),
            new Contender("rclone serve http", () => ListAsync(new Uri(stage.Rclone, "many/"))),
        ]);
    }

    private static async Task<double> DownloadAsync(Stage stage, Uri uri)
    {
        var started = Stopwatch.GetTimestamp();
        await RunAsync("curl", ["--silent", "--fail", "--output", "/dev/null", uri.ToString()], "");
        return stage.Mebibytes / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> UploadAsync(Stage stage)
    {
        var started = Stopwatch.GetTimestamp();
        await RunAsync("curl", ["--silent", "--fail", "--upload-file", stage.LargeFile, new Uri(stage.GatewayFiles, "sent").ToString()], "");
        var figure = stage.Mebibytes / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await stage.RemoveAsync("sent");
        return figure;
    }

    /// <summary>Without the login: the gateway's was made before, and sftp's own is measured and taken off.</summary>
    private static async Task<double> SftpAsync(Stage stage, string command)
    {
        var started = Stopwatch.GetTimestamp();
        await RunAsync("sftp", stage.SftpArguments, "pwd\n");
        var login = Stopwatch.GetElapsedTime(started);
        started = Stopwatch.GetTimestamp();
        await RunAsync("sftp", stage.SftpArguments, command + "\n");
        return stage.Mebibytes / (Stopwatch.GetElapsedTime(started) - login).TotalSeconds;
    }

    private static async Task<double> SmallFilesAsync(Uri uri)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Callers };
        using var client = new HttpClient(handler);
        var started = Stopwatch.GetTimestamp();
        long done = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < SmallFilesFor)
            {
                var content = await client.GetByteArrayAsync(uri);
                if (content.Length != 4096)
                {
                    throw new InvalidOperationException("A small file came back with another size.");
                }

                Interlocked.Increment(ref done);
            }
        }));
        return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> ListAsync(Uri uri)
    {
        using var client = new HttpClient();
        var started = Stopwatch.GetTimestamp();
        const int Times = 5;
        for (var i = 0; i < Times; i++)
        {
            await client.GetByteArrayAsync(uri);
        }

        return Times / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, string input)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException(program + " did not start.");
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{program} ended with {process.ExitCode}."));
        }
    }
}
