using System.Globalization;
using Gateway.Testing.Gateways;

namespace Gateway.Benchmarks.Peers;

/// <summary>The gateway, as <c>dotnet publish</c> makes it, with one backend and its default settings.</summary>
internal sealed class GatewayPeer : HttpPeer
{
    private readonly GatewayProcess _process;

    private GatewayPeer(GatewayProcess process) => _process = process;

    public override Uri Address => _process.Client.BaseAddress!;

    protected override int? ProcessId => _process.Id;

    public override string GetFile(string path) => "/v1/backends/bench/files/" + path;

    public override string GetFolder(string path) => "/v1/backends/bench/directories/" + path;

    /// <summary>Starts it; returns when it listens.</summary>
    /// <param name="folder">Where it was published to.</param>
    /// <param name="environment">Its configuration.</param>
    public static async Task<GatewayPeer> StartAsync(string folder, IReadOnlyDictionary<string, string?> environment) =>
        new(await GatewayProcess.StartFromAsync(folder, environment));

    /// <summary>Waits until its backend's first connections are open.</summary>
    public async Task<GatewayPeer> UntilReadyAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            using var response = await _process.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            if (response.IsSuccessStatusCode)
            {
                break;
            }

            if (attempt == 1000)
            {
                throw new TimeoutException("The gateway does not get ready: " + _process.Output);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        var health = await _process.Client.GetStringAsync(new Uri("/health", UriKind.Relative));
        return health.Contains("\"status\":\"pass\"", StringComparison.Ordinal)
            ? this
            : throw new InvalidOperationException("The backend is not well: " + health);
    }

    public override async Task<double?> ReadAllocatedAsync()
    {
        const string Name = "dotnet_gc_heap_total_allocated_bytes_total ";
        var metrics = await _process.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? null : double.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
    }

    public override ValueTask DisposeAsync() => _process.DisposeAsync();
}
