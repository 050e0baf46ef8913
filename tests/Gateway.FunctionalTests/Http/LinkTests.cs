using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Api.Links;
using Gateway.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Http;

public sealed class LinkTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private MemoryGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _folder.WriteSecret("key", LinkKey.Create());
        _gateway = await MemoryGateway.StartAsync(("Links:KeyFile", _folder["key"]), ("Links:MaxLifetime", "01:00:00"), ("Backends:files:Transfers:MaxUploadBytes", "1000"), ("Cors:Origins:0", "https://app.example.com"));
        _gateway.Backend.AddFile("/a b/ü.txt", "hello"u8.ToArray());
        _gateway.Backend.AddFile("/ab", "other"u8.ToArray());
        _gateway.Backend.AddFile("/a", "hello"u8.ToArray());
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_link_downloads_without_a_key_from_anywhere()
    {
        var link = await MakeAsync("""{"path":"/a b/ü.txt","method":"GET","expiresIn":60,"disposition":"inline"}""");

        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(link.GetProperty("url").GetString()!));

        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal("inline", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal(("no-referrer", "cross-origin"), (Header(response, "Referrer-Policy"), Header(response, "Cross-Origin-Resource-Policy")));
        var href = link.GetProperty("href").GetString()!;
        Assert.StartsWith("/v1/backends/files/files/a%20b/%C3%BC.txt?link=", href, StringComparison.Ordinal);
        Assert.EndsWith(href, link.GetProperty("url").GetString()!, StringComparison.Ordinal);
        using var head = await _gateway.SendAsync(HttpMethod.Head, href);
        using var range = await _gateway.GetAsync(href, ("Range", "bytes=1-2"), ("Authorization", "Basic dXNlcjpwYXNz"));
        Assert.Equal((HttpStatusCode.OK, "el"), (head.StatusCode, await range.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_link_uploads_what_it_allows_and_no_more()
    {
        var href = await MakeHrefAsync("""{"path":"/new","method":"PUT","expiresIn":60,"maxBytes":5}""");

        using (var tooLarge = await _gateway.PutAsync(href, "hello!"))
        {
            await MemoryGateway.ReadProblemAsync(tooLarge, HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        }

        using (var chunked = await _gateway.SendAsync(HttpMethod.Put, href, new PushContent(async stream => await stream.WriteAsync("hello!"u8.ToArray()))))
        {
            await MemoryGateway.ReadProblemAsync(chunked, HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        }

        Assert.Null(_gateway.Backend.Find("/new"));
        using var created = await _gateway.PutAsync(href, "hello");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        using var replaced = await _gateway.PutAsync(href, "bye");
        Assert.Equal(HttpStatusCode.NoContent, replaced.StatusCode);

        // The backend's own limit holds as well.
        var more = await MakeHrefAsync("""{"path":"/more","method":"PUT","expiresIn":60,"maxBytes":5000}""");
        using var refused = await _gateway.PutAsync(more, new string('x', 1001));
        await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.RequestEntityTooLarge, "content-too-large");
    }

    [Fact]
    public async Task A_link_is_good_for_nothing_else()
    {
        var href = await MakeHrefAsync("""{"path":"/a","method":"GET","expiresIn":60}""");
        var upload = await MakeHrefAsync("""{"path":"/a","method":"PUT","expiresIn":60}""");
        var query = href[href.IndexOf('?', StringComparison.Ordinal)..];
        foreach (var (method, url) in new[]
        {
            ("GET", "/v1/backends/files/files/ab" + query), ("GET", "/v1/backends/files/files/A" + query), ("GET", "/v1/backends/files/files/a/" + query),
            ("GET", "/v1/backends/files/files/" + query), ("GET", "/v1/backends/files/files" + query), ("GET", "/v1/backends/files/files/a%20" + query),
            ("GET", "/v1/backends/files/files/%61b" + query), ("GET", "/v1/backends/files/files//a" + query), ("GET", "/v1/backends/other/files/a" + query),
            ("GET", "/v1/backends/Files/files/a" + query), ("GET", "/v1/backends/files/entries/a" + query), ("GET", "/v1/backends/files/directories/a" + query),
            ("GET", "/v1/backends/files/directories/" + query), ("GET", "/v1/backends" + query), ("GET", "/v1/nowhere" + query), ("GET", "/v1/backends/files/files/%ff" + query),
            ("PUT", href), ("DELETE", href), ("DELETE", upload), ("GET", upload), ("HEAD", upload), ("PATCH", "/v1/backends/files/entries/a" + query),
            ("POST", "/v1/backends/files/links" + query), ("POST", "/v1/backends/files/moves" + query), ("POST", "/v1/backends/files/copies" + query),
            ("PUT", upload + "&parents=true"), ("GET", href + "&disposition=inline"), ("GET", href + "&utm_source=x"), ("GET", href + "&link=x"), ("GET", href + "x"), ("GET", href + "&"+ href.Split('?')[1]),
            ("GET", href.Replace("expires=", "expires=9", StringComparison.Ordinal)), ("GET", href.Replace("signature", "Signature", StringComparison.Ordinal)), ("GET", "/v1/backends/files/files/a?signature=x"),
        })
        {
            using var response = await _gateway.SendAsync(new HttpMethod(method), url, method is "PUT" or "POST" or "PATCH" ? new StringContent("""{"from":"/a","to":"/b"}""", Encoding.UTF8, "application/json") : null);
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{method} {url}: {(int)response.StatusCode} {body}");
            Assert.True(method == "HEAD" || body.Contains("This link is not valid, or no longer. Ask for a new one, and use it unchanged.", StringComparison.Ordinal), body);
        }

        foreach (var path in new[] { "a/../b", "x/../a", "./a", "%2e%2e/a" })
        {
            using var dots = await _gateway.GetAsync("/v1/backends/files/files/" + path + query);
            await MemoryGateway.ReadProblemAsync(dots, HttpStatusCode.BadRequest, "invalid-path");
        }

        using var still = await _gateway.GetAsync(href);
        using var encoded = await _gateway.GetAsync(href.Replace("/a?", "/%61?", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (still.StatusCode, encoded.StatusCode));
        Assert.NotNull(_gateway.Backend.Find("/a"));
    }

    [Fact]
    public async Task A_link_ends_when_it_says()
    {
        var link = await MakeAsync("""{"path":"/a","method":"GET","expiresIn":1}""");
        var href = link.GetProperty("href").GetString()!;
        await Eventually.HoldsAsync(async () => await StatusAsync(href) == HttpStatusCode.Forbidden);

        Assert.True(DateTimeOffset.UtcNow >= link.GetProperty("expires").GetDateTimeOffset());
        using var response = await _gateway.GetAsync(href);
        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Forbidden, "forbidden");
        Assert.Contains("has expired", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_for_one_use_gives_the_whole_file_once()
    {
        var href = await MakeHrefAsync("""{"path":"/a","method":"GET","expiresIn":60,"singleUse":true}""");

        using var head = await _gateway.SendAsync(HttpMethod.Head, href);
        using var known = await _gateway.GetAsync(href, ("If-None-Match", head.Headers.ETag!.ToString()), ("If-Modified-Since", "Sat, 01 Jan 2050 00:00:00 GMT"));
        using var failed = await _gateway.GetAsync(href, ("If-Match", "\"x\""));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.PreconditionFailed), (head.StatusCode, known.StatusCode, failed.StatusCode));
        using var whole = await _gateway.GetAsync(href, ("Range", "bytes=0-0"));
        Assert.Equal((HttpStatusCode.OK, "hello"), (whole.StatusCode, await whole.Content.ReadAsStringAsync()));
        using var again = await _gateway.GetAsync(href);
        var problem = await MemoryGateway.ReadProblemAsync(again, HttpStatusCode.Forbidden, "forbidden");
        Assert.Contains("has been used", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_who_use_a_link_for_one_use_at_once_one_gets_the_file()
    {
        var href = await MakeHrefAsync("""{"path":"/a","method":"GET","expiresIn":60,"singleUse":true}""");

        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => StatusAsync(href)));

        Assert.Single(statuses, HttpStatusCode.OK);
        Assert.Equal(19, statuses.Count(status => status == HttpStatusCode.Forbidden));
    }

    [Fact]
    public async Task An_upload_that_was_not_stored_was_no_use()
    {
        var href = await MakeHrefAsync("""{"path":"/once","method":"PUT","expiresIn":60,"singleUse":true}""");

        using (var refused = await _gateway.PutAsync(href, "hello", ("Content-Digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")))
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        }

        await using (var left = await RawConnection.OpenAsync(_gateway.Host.BaseAddress))
        {
            await left.SendAsync($"PUT {href} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
            await Eventually.HoldsAsync(() => _gateway.Backend.OpenUploads == 1);
        }

        await Eventually.HoldsAsync(() => _gateway.Backend.OpenUploads == 0);
        await Eventually.HoldsAsync(async () => await PutAsync() == HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync());

        async Task<HttpStatusCode> PutAsync()
        {
            using var response = await _gateway.PutAsync(href, "hello");
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_rotated_key_keeps_its_links_while_it_is_the_previous_one_and_takes_them_with_it()
    {
        var href = await MakeHrefAsync("""{"path":"/a","method":"GET","expiresIn":600}""");
        var settings = _gateway.Host.Services.GetRequiredService<IConfiguration>();

        File.Move(_folder["key"], _folder["previous"]);
        _folder.WriteSecret("key", LinkKey.Create());
        settings["Gateway:Links:PreviousKeyFile"] = _folder["previous"];
        var id = href.Split("key=")[1].Split('&')[0];
        await Eventually.HoldsAsync(async () => !(await MakeHrefAsync("""{"path":"/a","method":"GET","expiresIn":60}""")).Contains(id, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(href));

        settings["Gateway:Links:PreviousKeyFile"] = null;
        await Eventually.HoldsAsync(async () => await StatusAsync(href) == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_link_dies_with_the_rights_of_whoever_made_it()
    {
        var href = await MakeHrefAsync("""{"path":"/a","method":"GET","expiresIn":600}""");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(href));

        _gateway.Host.Services.GetRequiredService<IConfiguration>()["Gateway:Identity:Anonymous"] = "false";

        await Eventually.HoldsAsync(async () => await StatusAsync(href) == HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("""{"path":"/a","method":"DELETE","expiresIn":60}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"get","expiresIn":60}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"GET","expiresIn":0}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"GET","expiresIn":3601}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"GET","expiresIn":9223372036854775807}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"GET","expiresIn":"PT1H"}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"GET","expiresIn":60,"maxBytes":1}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"PUT","expiresIn":60,"maxBytes":-1}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"PUT","expiresIn":60,"disposition":"inline"}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"GET","expiresIn":60,"disposition":"x"}""", 400, "invalid-request")]
    [InlineData("""{"path":"/","method":"GET","expiresIn":60}""", 400, "invalid-path")]
    [InlineData("""{"path":"/a/","method":"GET","expiresIn":60}""", 400, "invalid-path")]
    [InlineData("""{"path":"/a/../b","method":"GET","expiresIn":60}""", 400, "invalid-path")]
    [InlineData("""{"path":"/a","method":"GET"}""", 400, "invalid-request")]
    [InlineData("""{"path":"/a","method":"GET","expiresIn":60,"parents":true}""", 400, "invalid-request")]
    public async Task What_no_link_can_be_is_told(string wish, int status, string name)
    {
        using var response = await PostAsync(_gateway, wish);
        await MemoryGateway.ReadProblemAsync(response, (HttpStatusCode)status, name);
    }

    [Fact]
    public async Task A_gateway_without_a_key_says_so()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var response = await PostAsync(gateway, """{"path":"/a","method":"GET","expiresIn":60}""");
        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.NotImplemented, "not-supported");
        Assert.Contains("Gateway:Links:KeyFile", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_other_origins_can_upload_by_a_link()
    {
        var href = await MakeHrefAsync("""{"path":"/page","method":"PUT","expiresIn":60}""");

        using var asked = await _gateway.SendAsync(HttpMethod.Options, href, null, ("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "content-type"));
        using var sent = await _gateway.PutAsync(href, "x", ("Origin", "https://app.example.com"));

        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal(("https://app.example.com", HttpStatusCode.Created), (Header(asked, "Access-Control-Allow-Origin"), sent.StatusCode));
        Assert.Equal("https://app.example.com", Header(sent, "Access-Control-Allow-Origin"));
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(", ", response.Headers.GetValues(name));

    private static Task<HttpResponseMessage> PostAsync(MemoryGateway gateway, string wish) =>
        gateway.SendAsync(HttpMethod.Post, "links", new StringContent(wish, Encoding.UTF8, new MediaTypeHeaderValue("application/json")));

    private async Task<JsonElement> MakeAsync(string wish)
    {
        using var response = await PostAsync(_gateway, wish);
        Assert.Equal("no-store", Header(response, "Cache-Control"));
        return await MemoryGateway.ReadJsonAsync(response);
    }

    private async Task<string> MakeHrefAsync(string wish) => (await MakeAsync(wish)).GetProperty("href").GetString()!;

    private async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var response = await _gateway.GetAsync(url);
        return response.StatusCode;
    }
}
