using System.Net;
using Gateway.FunctionalTests.Http;

namespace Gateway.FunctionalTests.Surface;

public sealed class SecurityHeaderTests
{
    private static readonly (string Name, string Value)[] s_always =
    [
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
    ];

    [Theory]
    [InlineData("GET", "/v1/backends", 200)]
    [InlineData("GET", "/v1/backends/files", 200)]
    [InlineData("GET", "directories/", 200)]
    [InlineData("PUT", "directories/new", 201)]
    [InlineData("GET", "entries/a", 200)]
    [InlineData("GET", "files/a", 200)]
    [InlineData("HEAD", "files/a", 200)]
    [InlineData("PUT", "files/new", 201)]
    [InlineData("DELETE", "files/a", 204)]
    [InlineData("GET", "files/missing", 404)]
    [InlineData("GET", "/v1/backends/none/files/a", 404)]
    [InlineData("GET", "files/%2e%2e/a", 400)]
    [InlineData("POST", "files/a", 405)]
    [InlineData("OPTIONS", "files/a", 204)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/health", 200)]
    [InlineData("GET", "/metrics", 200)]
    [InlineData("GET", "/problems", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("GET", "/swagger", 301)]
    [InlineData("GET", "/swagger/index.html", 200)]
    [InlineData("GET", "/swagger/swagger-ui.css", 200)]
    public async Task Every_answer_tells_browsers_to_be_careful(string method, string path, int status)
    {
        await using var gateway = await MemoryGateway.StartAsync(("Cors:Origins:0", "https://app.example.com"));
        gateway.Backend.AddFile("/a", "x"u8.ToArray());

        using var response = await gateway.SendAsync(
            new HttpMethod(method), path, null, ("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "PUT"));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.All(s_always, header => Assert.Equal(header.Value, response.Headers.NonValidated[header.Name].ToString()));
        Assert.Contains("default-src 'none'", response.Headers.NonValidated["Content-Security-Policy"].ToString(), StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", response.Headers.NonValidated["Content-Security-Policy"].ToString(), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
        if (path[0] != '/' || path.StartsWith("/v1", StringComparison.Ordinal))
        {
            var cache = response.Headers.CacheControl!;
            Assert.True(cache is { Private: true, NoCache: true } or { NoStore: true }, cache.ToString());
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400)]
    [InlineData("GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("BAD\r\n\r\n", 400)]
    public async Task So_does_Kestrel_s_own(string request, int status)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        await connection.SendAsync(request);

        var (code, head, body) = await connection.ReadResponseAsync();

        Assert.Equal(status, code);
        Assert.Contains("urn:gateway:problem:", body, StringComparison.Ordinal);
        Assert.All(s_always, header => Assert.Contains($"\r\n{header.Name}: {header.Value}\r\n", head + "\r\n", StringComparison.Ordinal));
        Assert.DoesNotContain("Server:", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_file_can_be_shown_by_pages_of_other_origins_and_nothing_else_can()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a.png", "x"u8.ToArray());
        using var file = await gateway.GetAsync("files/a.png?disposition=inline");
        using var entry = await gateway.GetAsync("entries/a.png");
        using var missing = await gateway.GetAsync("files/missing");

        Assert.Equal("cross-origin", file.Headers.NonValidated["Cross-Origin-Resource-Policy"].ToString());
        Assert.StartsWith("sandbox; ", file.Headers.NonValidated["Content-Security-Policy"].ToString(), StringComparison.Ordinal);
        Assert.Equal("same-origin", entry.Headers.NonValidated["Cross-Origin-Resource-Policy"].ToString());
        Assert.Equal("same-origin", missing.Headers.NonValidated["Cross-Origin-Resource-Policy"].ToString());
    }

    [Fact]
    public async Task A_download_stays_with_its_caller_and_can_be_asked_for_again()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "x"u8.ToArray(), DateTimeOffset.UtcNow.AddDays(-1));
        using var first = await gateway.GetAsync("files/a");

        using var again = await gateway.GetAsync("files/a", ("If-None-Match", first.Headers.NonValidated["ETag"].ToString()));

        Assert.Equal("private, no-cache", first.Headers.NonValidated["Cache-Control"].ToString());
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal("private, no-cache", again.Headers.NonValidated["Cache-Control"].ToString());
    }

    [Theory]
    [InlineData("https", "files.example.com", true)]
    [InlineData("http", "files.example.com", false)]
    [InlineData("https", "localhost", false)]
    [InlineData("https", "127.0.0.1", false)]
    public async Task Browsers_are_told_to_stay_with_HTTPS_by_HTTPS_alone(string scheme, string host, bool isTold)
    {
        await using var gateway = await MemoryGateway.StartAsync(("Proxies:Known:0", "127.0.0.1"));
        foreach (var path in new[] { "/health/live", "files/missing", "files/%2e%2e/x" })
        {
            using var response = await gateway.GetAsync(path, ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", scheme), ("X-Forwarded-Host", host));
            Assert.Equal(isTold ? ["max-age=31536000"] : [], response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values : []);
        }
    }

    [Fact]
    public async Task Nobody_makes_it_say_so_from_outside()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var response = await gateway.GetAsync("/health/live", ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "files.example.com"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
    }
}
