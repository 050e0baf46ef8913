using Gateway.Api;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes.Memory;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Testing.Gateways;

/// <summary>
/// The real gateway in this process: its whole Program over Kestrel, on a port of loopback that the kernel chose. For signals, memory
/// limits and start-up errors there is <see cref="GatewayProcess"/>.
/// </summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayHost(WebApplication app, LogRecorder logs)
    {
        _app = app;
        Logs = logs;
        BaseAddress = new Uri(app.Urls.First());
        Client = CreateClient();
    }

    /// <summary><c>http://127.0.0.1:PORT/</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>A client with <see cref="BaseAddress"/> that follows no redirect and changes no path.</summary>
    public HttpClient Client { get; }

    /// <summary>What the gateway logged.</summary>
    public LogRecorder Logs { get; }

    /// <summary>The gateway's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a gateway.</summary>
    /// <param name="settings">
    /// Configuration, by full key: <c>Gateway:Backends:files:Host</c>. Everybody is let in, unless something under <c>Gateway:Identity</c> is set.
    /// </param>
    /// <param name="extend">Adds services: a driver, another clock.</param>
    /// <param name="url">Where to listen.</param>
    public static async Task<GatewayHost> StartAsync(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection>? extend = null, string url = "http://127.0.0.1:0")
    {
        var logs = new LogRecorder();
        var app = Program.Create(["--urls", url], builder =>
        {
            builder.Configuration.AddInMemoryCollection(GatewayEnvironment.LetEverybodyIn(settings, ":"));
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(logs);
            extend?.Invoke(builder.Services);
        });
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new GatewayHost(app, logs);
    }

    /// <summary>Starts a gateway whose backends are in this process, too.</summary>
    /// <param name="backends">The backends by name.</param>
    /// <param name="settings">Further configuration, by key relative to the gateway's: <c>Backends:files:ReadOnly</c>; or of <c>Kestrel:</c>.</param>
    /// <param name="extend">Adds services.</param>
    /// <param name="url">Where to listen.</param>
    public static Task<GatewayHost> StartAsync(
        IReadOnlyDictionary<string, MemoryBackend> backends,
        IReadOnlyDictionary<string, string?>? settings = null,
        Action<IServiceCollection>? extend = null,
        string url = "http://127.0.0.1:0")
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in backends.Keys)
        {
            all[$"Gateway:Backends:{name}:Protocol"] = "memory";
            all[$"Gateway:Backends:{name}:Host"] = "nowhere";
            all[$"Gateway:Backends:{name}:Username"] = "nobody";
        }

        foreach (var (key, value) in settings ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            all[key.StartsWith("Kestrel:", StringComparison.Ordinal) ? key : "Gateway:" + key] = value;
        }

        return StartAsync(all, services =>
        {
            services.AddSingleton<IBackendDriver>(new MemoryDriver(backends));
            extend?.Invoke(services);
        }, url);
    }

    /// <summary>Another client: a connection pool, and so a caller, of its own.</summary>
    public HttpClient CreateClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, disposeHandler: true)
    {
        BaseAddress = BaseAddress,
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>Waits until the first attempt on every backend has ended, well or badly.</summary>
    public async Task WaitUntilReadyAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var response = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative), patience.Token);
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>Stops as SIGTERM does: returns when everything has ended.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
