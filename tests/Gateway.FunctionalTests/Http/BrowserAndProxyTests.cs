using System.Net;

namespace Gateway.FunctionalTests.Http;

public sealed class BrowserAndProxyTests
{
    [Fact]
    public async Task A_configured_origin_may_call_and_read_the_headers_that_apps_need()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Cors:Origins:0", "https://app.example.com"));
        gateway.Backend.AddFile("/a", []);

        using var preflight = await gateway.SendAsync(
            HttpMethod.Options, "files/a", null,
            ("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "if-match,x-modified"));
        using var get = await gateway.GetAsync("files/a", ("Origin", "https://app.example.com"));
        using var problem = await gateway.GetAsync("files/missing", ("Origin", "https://app.example.com"));
        using var stranger = await gateway.GetAsync("files/a", ("Origin", "https://evil.example.com"));

        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("https://app.example.com", preflight.Headers.NonValidated["Access-Control-Allow-Origin"].ToString());
        Assert.Contains("PUT", preflight.Headers.NonValidated["Access-Control-Allow-Methods"].ToString(), StringComparison.Ordinal);
        Assert.Contains("if-match", preflight.Headers.NonValidated["Access-Control-Allow-Headers"].ToString(), StringComparison.Ordinal);
        var exposed = get.Headers.NonValidated["Access-Control-Expose-Headers"].ToString();
        foreach (var header in new[] { "ETag", "Location", "Content-Disposition", "Content-Range", "Accept-Ranges", "Link", "Retry-After", "Repr-Digest" })
        {
            Assert.Contains(header, exposed, StringComparison.Ordinal);
        }

        Assert.Equal("https://app.example.com", problem.Headers.NonValidated["Access-Control-Allow-Origin"].ToString());
        Assert.False(stranger.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_an_origin_configured_no_browser_may_call()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var preflight = await gateway.SendAsync(
            HttpMethod.Options, "files/a", null, ("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "GET"));
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    public async Task A_known_proxy_may_put_the_gateway_below_a_prefix(string known)
    {
        await using var gateway = await MemoryGateway.StartAsync(("Proxies:Known:0", known));
        using var response = await gateway.PutAsync("files/a%20b", "x", ("X-Forwarded-Prefix", "/files-api"), ("X-Forwarded-For", "203.0.113.9"));
        Assert.Equal("/files-api/v1/backends/files/files/a%20b", response.Headers.NonValidated["Location"].ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.0/8")]
    public async Task Nobody_else_is_believed(string? known)
    {
        await using var gateway = await (known is null ? MemoryGateway.StartAsync() : MemoryGateway.StartAsync(("Proxies:Known:0", known)));
        using var response = await gateway.PutAsync("files/a%20b", "x", ("X-Forwarded-Prefix", "/files-api"), ("X-Forwarded-For", "203.0.113.9"));
        Assert.Equal("/v1/backends/files/files/a%20b", response.Headers.NonValidated["Location"].ToString());
    }
}
