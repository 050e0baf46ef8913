using System.Net;
using System.Text.Json;

namespace Gateway.Api.Identity.Tokens;

/// <summary>
/// Fetches an authority's keys: its discovery document (OpenID Connect Discovery 1.0, section 4), then the key set that it names. Size and time
/// are bounded, and no redirect is followed: it would let another host say what the keys are.
/// </summary>
internal sealed class AuthorityClient : IDisposable
{
    private const int MaxBytes = 256 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        MaxResponseContentBufferSize = MaxBytes,
        Timeout = s_patience,
    };

    /// <summary>Fetches the keys.</summary>
    /// <param name="authority">The authority's URL.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="TokenException">It cannot be asked, or what it says is not good; for the operator.</exception>
    public async Task<KeySet> FetchAsync(string authority, CancellationToken cancellationToken)
    {
        var discovery = StrictJson.ReadObject(
            await GetAsync(new Uri(authority.TrimEnd('/') + "/.well-known/openid-configuration"), cancellationToken), "the discovery document");
        var issuer = StrictJson.FindString(discovery, "issuer");
        if (issuer is null || !string.Equals(issuer.TrimEnd('/'), authority.TrimEnd('/'), StringComparison.Ordinal))
        {
            throw new TokenException("the discovery document is of another issuer than Gateway:Identity:Jwt:Authority");
        }

        return KeySet.Parse(issuer, await GetAsync(ReadKeysUrl(discovery, authority), cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Keys may be kept on another host, but come no less safely than the document that names it.</summary>
    private static Uri ReadKeysUrl(JsonElement discovery, string authority) =>
        Uri.TryCreate(StrictJson.FindString(discovery, "jwks_uri"), UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || (url is { Scheme: "http", IsLoopback: true } && authority.StartsWith("http:", StringComparison.OrdinalIgnoreCase)))
            ? url
            : throw new TokenException("the discovery document names no https:// URL of its keys ('jwks_uri')");

    private async Task<byte[]> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(url, cancellationToken);
            return response.StatusCode == HttpStatusCode.OK
                ? await response.Content.ReadAsByteArrayAsync(cancellationToken)
                : throw new TokenException($"{url} answered {(int)response.StatusCode}, and 200 was expected");
        }
        catch (HttpRequestException exception)
        {
            throw new TokenException($"{url} cannot be fetched: {exception.HttpRequestError} {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TokenException($"{url} did not answer within {s_patience.TotalSeconds} s");
        }
    }
}
