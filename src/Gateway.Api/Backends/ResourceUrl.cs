using Gateway.Broker.Backends;

namespace Gateway.Api.Backends;

/// <summary>URLs of the gateway's own resources: relative to its host, which proxies may have renamed.</summary>
internal static class ResourceUrl
{
    /// <summary>The URL of <paramref name="path"/> under <c>files</c>, <c>entries</c> or <c>directories</c>.</summary>
    public static string Of(HttpRequest request, string backend, string resource, RemotePath path)
    {
        var segments = path.Value.Split('/').Select(Uri.EscapeDataString);
        return $"{request.PathBase.ToUriComponent()}/v1/backends/{backend}/{resource}{string.Join('/', segments)}";
    }
}
