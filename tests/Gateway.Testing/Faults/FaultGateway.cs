using System.Globalization;
using System.Text.Json;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.Testing.Faults;

/// <summary>The gateway as a process, with a configuration file that can be changed, seen from the outside.</summary>
public sealed class FaultGateway : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly HttpClient _observer;

    private FaultGateway(TempFolder folder, GatewayProcess process)
    {
        _folder = folder;
        Process = process;
        _observer = CreateClient();
        _observer.Timeout = TimeSpan.FromSeconds(20);
    }

    /// <summary>The process.</summary>
    public GatewayProcess Process { get; }

    /// <summary>Open file descriptors, without those of the program's own files: the runtime opens them when it needs them.</summary>
    public int Descriptors => ListDescriptors().Count();

    /// <summary>What they are.</summary>
    public string DescriptorsByKind => string.Join(", ", ListDescriptors()
        .GroupBy(target => target.Split('[')[0], StringComparer.Ordinal)
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")));

    /// <summary>Resident memory in bytes.</summary>
    public long Memory => ReadStatus("VmRSS:");

    /// <summary>The most resident memory ever, in bytes.</summary>
    public long PeakMemory => ReadStatus("VmHWM:");

    /// <summary>Its ssh children.</summary>
    public IReadOnlyList<int> Children =>
        [.. ProcessTree.GetDescendants(Process.Id).Where(id => ProcessTree.GetCommandLine(id).Contains("ssh", StringComparison.Ordinal))];

    /// <summary>Starts a gateway that is configured by a file.</summary>
    public static async Task<FaultGateway> StartAsync(IEnumerable<KeyValuePair<string, string>> configuration)
    {
        var folder = new TempFolder();
        try
        {
            Write(folder, configuration);
            var process = await GatewayProcess.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["GATEWAY_CONFIG"] = folder["gateway.json"],
                ["Logging__LogLevel__Default"] = "Information",
                ["Logging__LogLevel__Microsoft.AspNetCore"] = "Warning",
            });
            return new FaultGateway(folder, process);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Another configuration; the gateway looks every two seconds.</summary>
    public void Reconfigure(IEnumerable<KeyValuePair<string, string>> configuration) => Write(_folder, configuration);

    /// <summary>A client with connections of its own, as many as it needs at once; idle ones close, so that descriptors can be compared.</summary>
    public HttpClient CreateClient() => new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) }, disposeHandler: true)
    {
        BaseAddress = Process.Client.BaseAddress,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The pools, by backend.</summary>
    public async Task<Dictionary<string, PoolFigures>> GetPoolsAsync() =>
        PoolFigures.Read(await _observer.GetStringAsync(new Uri("/metrics", UriKind.Relative)));

    /// <summary>The sum of a metric's series that have all of these labels: <c>gateway_transfer_outcome="completed"</c>.</summary>
    public async Task<double> SumAsync(string name, params string[] labels) =>
        (await _observer.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    /// <summary>Waits until the first attempt on every backend has ended.</summary>
    public async Task WaitUntilReadyAsync()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            using var response = await _observer.GetAsync(new Uri("/health/ready", UriKind.Relative));
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException("The gateway did not become ready: " + Process.Output);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _observer.Dispose();
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>In one step: a reader sees the old file or the new one.</summary>
    private static void Write(TempFolder folder, IEnumerable<KeyValuePair<string, string>> configuration)
    {
        var keys = configuration.Append(KeyValuePair.Create("Gateway:Identity:Anonymous", "true")).ToDictionary(StringComparer.Ordinal);
        folder.WriteSecret("gateway.new", JsonSerializer.Serialize(keys));
        File.Move(folder["gateway.new"], folder["gateway.json"], overwrite: true);
    }

    private IEnumerable<string> ListDescriptors() => new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{Process.Id}/fd"))
        .EnumerateFileSystemInfos()
        .Select(entry => entry.LinkTarget ?? "")
        .Where(target => target.Length > 0 && !target.EndsWith(".dll", StringComparison.Ordinal) && !target.EndsWith(".so", StringComparison.Ordinal));

    private long ReadStatus(string name)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{Process.Id}/status"))
            .Single(text => text.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
