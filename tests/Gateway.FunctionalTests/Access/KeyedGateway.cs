using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using Gateway.Api.Configuration;
using Gateway.Api.Identity;
using Gateway.FunctionalTests.Http;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Access;

/// <summary>A gateway with the backends <c>files</c> and <c>other</c>, both in the test, that lets in one API key with the rights of a test.</summary>
internal sealed class KeyedGateway : IAsyncDisposable
{
    public const string Base = "/v1/backends/files/";

    private readonly Dictionary<string, string?> _settings;

    private KeyedGateway(MemoryBackend backend, MemoryBackend other, GatewayHost host, string key, Dictionary<string, string?> settings) =>
        (Backend, Other, Host, Key, _settings) = (backend, other, host, key, settings);

    public MemoryBackend Backend { get; }

    public MemoryBackend Other { get; }

    public GatewayHost Host { get; }

    public string Key { get; }

    /// <summary>Starts one.</summary>
    /// <param name="rules">Each as <c>files /reports/** list read</c>.</param>
    public static Task<KeyedGateway> StartAsync(params string[] rules) => StartAsync(rules, _ => { });

    public static async Task<KeyedGateway> StartAsync(string[] rules, Action<IServiceCollection> extend)
    {
        var (key, hash) = ApiKeyHash.Create();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Identity:ApiKeys:app:Hash"] = hash.ToString(),
            ["Identity:ApiKeys:app:Grants:0"] = "app",
        };
        Grant(settings, "app", rules);
        var (backend, other) = (new MemoryBackend(), new MemoryBackend());
        var host = await GatewayHost.StartAsync(
            new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["files"] = backend, ["other"] = other }, settings, extend);
        return new KeyedGateway(backend, other, host, key, settings);
    }

    /// <summary>Writes the rules of a grant, each as <c>files /reports/** list read</c>, into a configuration.</summary>
    public static void Grant(Dictionary<string, string?> settings, string grant, params string[] rules)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            var parts = rules[i].Split(' ');
            var rule = $"Grants:{grant}:{i.ToString(CultureInfo.InvariantCulture)}:";
            (settings[rule + "Backend"], settings[rule + "Path"]) = (parts[0], parts[1]);
            for (var verb = 2; verb < parts.Length; verb++)
            {
                settings[$"{rule}Allow:{verb - 2}"] = parts[verb];
            }
        }
    }

    /// <summary>Puts other rules in force, as a reload does.</summary>
    public void Reload(params string[] rules)
    {
        var settings = _settings.Where(pair => !pair.Key.StartsWith("Grants:", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        Grant(settings, "app", rules);
        Apply(settings);
    }

    /// <summary>Takes the key away, as a reload does; somebody else's stays.</summary>
    public void RemoveKey()
    {
        var settings = new Dictionary<string, string?>(_settings, StringComparer.Ordinal) { ["Identity:ApiKeys:app:Hash"] = ApiKeyHash.Create().Hash.ToString() };
        Apply(settings);
    }

    /// <summary>Sends a request with the key, or with another credential; the path as it is written.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var url = Host.BaseAddress.AbsoluteUri.TrimEnd('/') + (path.StartsWith('/') ? path : Base + path);
        using var request = new HttpRequestMessage(method, new Uri(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        if (!headers.Any(header => header.Name is "X-Api-Key" or "Authorization"))
        {
            request.Headers.Add("X-Api-Key", Key);
        }

        foreach (var (name, value) in headers.Where(header => header.Value.Length > 0))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<HttpResponseMessage> PostAsync(string path, object document) => SendAsync(HttpMethod.Post, path, JsonContent.Create(document));

    public Task<HttpResponseMessage> PutAsync(string path, string text) => SendAsync(HttpMethod.Put, path, new ByteArrayContent(Encoding.UTF8.GetBytes(text)));

    /// <summary>The names in a listing.</summary>
    public async Task<string[]> NamesAsync(string path)
    {
        using var response = await GetAsync(path);
        return [.. (await MemoryGateway.ReadJsonAsync(response)).GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];
    }

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();

    private void Apply(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create("Gateway:" + pair.Key, pair.Value))).Build();
        var (errors, options) = (new ConfigurationErrors(), new GatewayOptions());
        new StrictBinder(errors, static _ => false).Bind(configuration.GetSection("Gateway"), options);
        var identity = new IdentitySettingsReader(options, "Gateway", ["files", "other"], errors).Read();
        Assert.Empty(errors.Items);
        var current = Host.Services.GetRequiredService<CurrentSettings>();
        current.Replace(current.Value with { Identity = identity });
    }
}
