using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Testing.Identity;

/// <summary>A little OpenID Connect authority on loopback: a discovery document, keys that change, and tokens.</summary>
public sealed class OidcAuthority : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<TokenKey> _all = [];
    private int _fetches;

    private OidcAuthority(WebApplication app)
    {
        _app = app;
        Key = AddKey(TokenKey.Create());
        app.MapGet("/.well-known/openid-configuration", context => AnswerAsync(context, () => Discovery()));
        app.MapGet("/keys", context =>
        {
            Interlocked.Increment(ref _fetches);
            return AnswerAsync(context, () => Keys());
        });
    }

    /// <summary>Its URL, and the issuer of its tokens.</summary>
    public string Issuer => _app.Urls.First();

    /// <summary>The key that signs now.</summary>
    public TokenKey Key { get; private set; }

    /// <summary>The keys that it tells.</summary>
    public List<TokenKey> Published { get; } = [];

    /// <summary>How often the keys were asked for.</summary>
    public int Fetches => Volatile.Read(ref _fetches);

    /// <summary>Answers in the place of its own; null for its own.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>The discovery document.</summary>
    public Func<string> Discovery { get; set; } = () => "";

    /// <summary>The key set.</summary>
    public Func<string> Keys { get; set; } = () => "";

    /// <summary>Starts one.</summary>
    public static async Task<OidcAuthority> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var authority = new OidcAuthority(builder.Build());
        await authority._app.StartAsync();
        authority.Discovery = () => new JsonObject { ["issuer"] = authority.Issuer, ["jwks_uri"] = authority.Issuer + "/keys" }.ToJsonString();
        authority.Keys = () => new JsonObject { ["keys"] = new JsonArray([.. authority.Published.Select(key => key.ToJson())]) }.ToJsonString();
        return authority;
    }

    /// <summary>Signs with another key from now on.</summary>
    /// <param name="key">The key.</param>
    /// <param name="forgetsOthers">Whether those before are not told any more.</param>
    public void Rotate(TokenKey key, bool forgetsOthers)
    {
        if (forgetsOthers)
        {
            Published.Clear();
        }

        Key = AddKey(key);
    }

    /// <summary>Claims that the gateway takes, with other values for some; null takes one away.</summary>
    public JsonObject Claims(params (string Name, JsonNode? Value)[] changes)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = Issuer, ["aud"] = "gateway", ["sub"] = "alice", ["iat"] = now, ["nbf"] = now, ["exp"] = now + 600, ["roles"] = new JsonArray("app"),
        };
        foreach (var (name, value) in changes)
        {
            claims[name] = value?.DeepClone();
            if (value is null)
            {
                claims.Remove(name);
            }
        }

        return claims;
    }

    /// <summary>A token with such claims.</summary>
    public string Issue(params (string Name, JsonNode? Value)[] changes) => Key.Sign(Claims(changes));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var key in _all)
        {
            key.Dispose();
        }
    }

    private TokenKey AddKey(TokenKey key)
    {
        _all.Add(key);
        Published.Add(key);
        return key;
    }

    private Task AnswerAsync(HttpContext context, Func<string> document)
    {
        if (Instead is { } instead)
        {
            return instead(context);
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(document());
    }
}
