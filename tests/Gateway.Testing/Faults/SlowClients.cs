using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Gateway.Testing.Faults;

/// <summary>
/// Many clients on slow lines that download at once over a few SFTP connections, and a fast one that asks for a small file again and again
/// among them.
/// </summary>
public sealed class SlowClients
{
    private const int Connections = 8;
    private const int BytesPerSecond = 100 * 1024;
    private const int ReadsPerSecond = 5;

    private readonly Latencies _small = new();
    private readonly FaultTally _failures = new();
    private int _right;
    private int _smallFailures;

    private SlowClients(int clients) => Clients = clients;

    /// <summary>How many there were.</summary>
    public int Clients { get; }

    /// <summary>How many received every byte, and the right ones.</summary>
    public int Right => _right;

    /// <summary>How long the small requests among them took.</summary>
    public Latencies Small => _small;

    /// <summary>How many of the small requests failed.</summary>
    public int SmallFailures => _smallFailures;

    /// <summary>The most memory the gateway's process had, in bytes.</summary>
    public long PeakMemory { get; private set; }

    /// <summary>The most connections the pool had.</summary>
    public int PeakConnections { get; private set; }

    /// <summary>The leases at the time of the most.</summary>
    public int PeakLeases { get; private set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>A sentence with all of it.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{Right} of {Clients} clients at {BytesPerSecond / 1024} KiB/s received the right bytes in {Took.TotalSeconds:0.0} s over {PeakConnections} connections (at most {PeakLeases} at once); gateway at most {PeakMemory >> 20} MiB resident; small {Small}, {SmallFailures} of them failed; failures: {_failures.Outcomes}");

    /// <summary>Runs it.</summary>
    /// <param name="clients">How many.</param>
    /// <param name="time">How long each of them downloads.</param>
    public static async Task<SlowClients> RunAsync(int clients, TimeSpan time)
    {
        // No proxy: it would need more of the processor than the gateway.
        await using var backend = await FaultBackend.StartSftpAsync("sftp", isProxied: false);
        backend.Settings["Pool:MaxConnections"] = Connections.ToString(CultureInfo.InvariantCulture);
        var file = new FileVersion(clients, (int)(BytesPerSecond * time.TotalSeconds));
        backend.Server.Files.Write("/large", file.ToArray());
        backend.Server.Files.Write("/small", new byte[1000]);

        // The gateway's own limit is a thousand of all together, and the small requests are transfers, too.
        var limit = KeyValuePair.Create("Gateway:Limits:MaxTransfers", (2 * clients).ToString(CultureInfo.InvariantCulture));
        await using var gateway = await FaultGateway.StartAsync(backend.GetConfiguration().Append(limit));
        await gateway.WaitUntilReadyAsync();
        var run = new SlowClients(clients);
        await run.DownloadAsync(gateway, file);
        return run;
    }

    private async Task DownloadAsync(FaultGateway gateway, FileVersion file)
    {
        var clock = Stopwatch.StartNew();
        using var client = CreateClient(gateway);
        using var end = new CancellationTokenSource();
        var asking = AskAsync(gateway, end.Token);
        var watching = WatchAsync(gateway, end.Token);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ReadSlowlyAsync(client, file)));
        Took = clock.Elapsed;
        await end.CancelAsync();
        await asking;
        await watching;
        PeakMemory = gateway.PeakMemory;
    }

    /// <summary>As a phone does: it takes what its line carries, and the rest waits at the sender.</summary>
    private static HttpClient CreateClient(FaultGateway gateway) => new(
        new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 32 * 1024, NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
        disposeHandler: true)
    {
        BaseAddress = gateway.Process.Client.BaseAddress, Timeout = TimeSpan.FromMinutes(5),
    };

    private async Task ReadSlowlyAsync(HttpClient client, FileVersion file)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("/v1/backends/sftp/files/large", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            if (!response.IsSuccessStatusCode)
            {
                await NoteAsync(response);
                return;
            }

            await using var body = await response.Content.ReadAsStreamAsync();
            var piece = new byte[BytesPerSecond / ReadsPerSecond];
            var start = Stopwatch.GetTimestamp();
            for (long received = 0; received < file.Length;)
            {
                var count = await body.ReadAtLeastAsync(piece, (int)Math.Min(piece.Length, file.Length - received));
                if (!file.Matches(received, piece.AsSpan(0, count)))
                {
                    Note("wrong or missing bytes");
                    return;
                }

                received += count;
                var ahead = TimeSpan.FromSeconds((double)received / BytesPerSecond) - Stopwatch.GetElapsedTime(start);
                if (ahead > TimeSpan.Zero)
                {
                    await Task.Delay(ahead);
                }
            }

            if (await body.ReadAsync(piece) == 0)
            {
                Interlocked.Increment(ref _right);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            // Not one of those with the right bytes.
            Note(exception.Message);
        }
    }

    private async Task AskAsync(FaultGateway gateway, CancellationToken end)
    {
        using var client = gateway.CreateClient();
        while (!end.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            using var response = await client.GetAsync(new Uri("/v1/backends/sftp/files/small", UriKind.Relative), CancellationToken.None);
            _small.AddSince(start);
            if (!response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _smallFailures);
                await NoteAsync(response);
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    private async Task NoteAsync(HttpResponseMessage response)
    {
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Note($"{(int)response.StatusCode} {problem.GetProperty("detail")}");
    }

    private void Note(string failure) => _failures.Count(failure, bytes: 0);

    private async Task WatchAsync(FaultGateway gateway, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var pool = (await gateway.GetPoolsAsync())["sftp"];
            PeakConnections = Math.Max(PeakConnections, pool.Occupied);
            PeakLeases = Math.Max(PeakLeases, pool.Leases);
            await Task.Delay(500, CancellationToken.None);
        }
    }
}
