using System.Net;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;
using Gateway.Testing.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Access;

/// <summary>A gateway with the backend <c>files</c> and the file <c>/a/f</c> in it, whose callers have tokens of an authority.</summary>
internal sealed class TokenGateway : IAsyncDisposable
{
    private static readonly string[] s_algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private TokenGateway(OidcAuthority authority, GatewayHost host) => (Authority, Host) = (authority, host);

    public OidcAuthority Authority { get; }

    public GatewayHost Host { get; }

    /// <summary>Starts one, with every algorithm, and the grant <c>app</c> to read <c>/a/**</c>.</summary>
    public static async Task<TokenGateway> StartAsync(TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        var authority = await OidcAuthority.StartAsync();
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Identity:Jwt:Authority"] = authority.Issuer,
            ["Identity:Jwt:Audience"] = "gateway",
        };
        for (var i = 0; i < s_algorithms.Length; i++)
        {
            all[$"Identity:Jwt:Algorithms:{i}"] = s_algorithms[i];
        }

        KeyedGateway.Grant(all, "app", "files /a/** read");
        KeyedGateway.Grant(all, "other", "files /b/** read");
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        var backend = new MemoryBackend();
        backend.AddFolder("/a");
        backend.AddFile("/a/f", [1, 2, 3]);
        var host = await GatewayHost.StartAsync(
            new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["files"] = backend },
            all,
            services =>
            {
                if (time is not null)
                {
                    services.AddSingleton(time);
                }
            });
        return new TokenGateway(authority, host);
    }

    /// <summary>Asks for <c>/a/f</c> with a token.</summary>
    public async Task<HttpStatusCode> CallAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Host.BaseAddress, "/v1/backends/files/files/a/f"));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        using var response = await Host.Client.SendAsync(request);
        return response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Authority.DisposeAsync();
    }
}
