using System.Globalization;
using System.Security.Cryptography;
using Gateway.Testing.Faults;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Faults;

/// <summary>A real sshd that is 80 ms away, unless it is told otherwise, and a gateway whose connections to it are warm.</summary>
internal sealed class DistantServer : IAsyncDisposable
{
    public const string Name = "far";

    private DistantServer(FaultBackend backend, GatewayHost gateway) => (Backend, Gateway) = (backend, gateway);

    public FaultBackend Backend { get; }

    public GatewayHost Gateway { get; }

    public HttpClient Client => Gateway.Client;

    /// <param name="connections">Opened at the start, and most.</param>
    /// <param name="settings">Others, below the backend's section.</param>
    public static Task<DistantServer> StartAsync(int connections, params (string Key, string Value)[] settings) => StartAsync(
        new SshServerOptions(),
        [("Pool:MinConnections", connections.ToString(CultureInfo.InvariantCulture)), ("Pool:MaxConnections", connections.ToString(CultureInfo.InvariantCulture)), .. settings]);

    /// <param name="options">The server's.</param>
    /// <param name="settings">Those of the backend.</param>
    public static Task<DistantServer> StartAsync(SshServerOptions options, params (string Key, string Value)[] settings) =>
        StartAsync(options, TimeSpan.FromMilliseconds(40), settings);

    /// <param name="options">The server's.</param>
    /// <param name="delay">Each way.</param>
    /// <param name="settings">Those of the backend.</param>
    public static async Task<DistantServer> StartAsync(SshServerOptions options, TimeSpan delay, params (string Key, string Value)[] settings)
    {
        var backend = await FaultBackend.StartSftpAsync(Name, options);
        backend.Proxy.ToServer.Delay = backend.Proxy.ToClient.Delay = delay;
        foreach (var (key, value) in settings)
        {
            backend.Settings[key] = value;
        }

        var configuration = backend.GetConfiguration().Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))
            .Append(KeyValuePair.Create("Gateway:Identity:Anonymous", (string?)"true"));
        var server = new DistantServer(backend, await GatewayHost.StartAsync(configuration));
        var least = int.Parse(backend.Settings["Pool:MinConnections"], CultureInfo.InvariantCulture);
        await server.WaitUntilAsync(pool => pool.Idle == least);
        return server;
    }

    /// <summary>A file whose time has settled.</summary>
    /// <returns>Its hash.</returns>
    public byte[] Write(string path, int length, int seed = 1)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        Backend.Server.Files.Write(path, content);
        SetTime(path, DateTime.UtcNow.AddDays(-1));
        return SHA256.HashData(content);
    }

    public void SetTime(string path, DateTime time) => File.SetLastWriteTimeUtc(Backend.Server.Files.Root + path, time);

    /// <summary>The file's body, when its first bytes are here; the client has taken little more than these.</summary>
    public async Task<Stream> BeginAsync(string path, long? from = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/backends/{Name}/files{path}", UriKind.Relative));
        request.Headers.Range = from is null ? null : new(from, null);
        var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStreamAsync();
    }

    /// <summary>How many further leases transfers took so far.</summary>
    public Task<double> CountExtrasAsync() => CountAsync("gateway_pool_extra_leases_total");

    /// <summary>A counter of the backend's.</summary>
    public async Task<double> CountAsync(string counter) => (await ReadMetricsAsync()).Split('\n')
        .Where(line => line.StartsWith(counter + "{", StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    public async Task<PoolFigures> GetPoolAsync() => PoolFigures.Read(await ReadMetricsAsync())[Name];

    public async Task WaitUntilAsync(Func<PoolFigures, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition(await GetPoolAsync()))
        {
            await Task.Delay(10, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Backend.DisposeAsync();
    }

    private Task<string> ReadMetricsAsync() => Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
}
