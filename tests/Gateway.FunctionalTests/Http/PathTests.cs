using System.Net;
using System.Text;

namespace Gateway.FunctionalTests.Http;

public sealed class PathTests
{
    public static TheoryData<string> OddNames() => new()
    {
        "with space", "quote\"s and 'apostrophes'", "#hash", "100%", "50%25", "%2F", "what?", "a;b", "a+b", "emoji-😀", "back\\slash", "-leading-dash",
        "日本語", "عربى", "e\u0301", "<script>", "a&b=c", "trailing.", "...", ".hidden", "~", "{brace}", "|", "^", "`", "a:b", "@", "*", "\u2028",
        new string('x', 255), new string('語', 85), "C:\\windows", "..\\up", "%2e%2e",
    };

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task Every_legal_name_can_be_written_read_listed_and_deleted(string name)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var url = "files/folder/" + Uri.EscapeDataString(name);
        gateway.Backend.AddFolder("/folder");

        using var put = await gateway.PutAsync(url, "content");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.NotNull(gateway.Backend.Find("/folder/" + name));
        Assert.Equal(MemoryGateway.Base + url, put.Headers.NonValidated["Location"].ToString());

        using var get = await gateway.GetAsync(put.Headers.NonValidated["Location"].ToString());
        Assert.Equal("content", await get.Content.ReadAsStringAsync());

        using var list = await gateway.GetAsync("directories/folder");
        var entry = Assert.Single((await MemoryGateway.ReadJsonAsync(list)).GetProperty("entries").EnumerateArray());
        Assert.Equal(name, entry.GetProperty("name").GetString());
        Assert.Equal("/folder/" + name, entry.GetProperty("path").GetString());

        using var delete = await gateway.SendAsync(HttpMethod.Delete, url);
        Assert.Equal(HttpStatusCode.NoContent, delete.StatusCode);
    }

    [Theory]
    [InlineData("/v1/backends/files/files/%2e%2e/x")]
    [InlineData("/v1/backends/files/files/..")]
    [InlineData("/v1/backends/files/files/a/../b")]
    [InlineData("/v1/backends/files/files/a/.%2E/b")]
    [InlineData("/v1/backends/files/files/./b")]
    [InlineData("/v1/backends/files/files/%2e/b")]
    [InlineData("/v1/backends/other/../files/files/a")]
    [InlineData("/v1/backends/files/files/a%2Fb")]
    [InlineData("/v1/backends/files/files/a%2f..%2fb")]
    [InlineData("/v1/backends/files/files/a%")]
    [InlineData("/v1/backends/files/files/a%4")]
    [InlineData("/v1/backends/files/files/a%zz")]
    [InlineData("/v1/backends/files/files/a%c3%28")]
    [InlineData("/v1/backends/files/files/%ff")]
    [InlineData("/v1/backends/files/files/%c0%ae%c0%ae/x")]
    [InlineData("/v1/backends/files/files/%ed%a0%80")]
    [InlineData("/v1/backends/files/files/a%0Ab")]
    [InlineData("/v1/backends/files/files/a%0d%0aX:y")]
    [InlineData("/v1/backends/files/files/a%1bb")]
    [InlineData("/v1/backends/files/files/a%7fb")]
    [InlineData("/v1/backends/files/files/a%c2%85b")]
    [InlineData("/v1/backends/files/files/a//b")]
    [InlineData("/v1/backends/files/files/a%00b")]
    [InlineData("/v1/backends/files/entries/a%2Fb")]
    public async Task A_path_that_could_mean_something_else_is_refused(string target)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "secret"u8.ToArray());
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: gateway\r\n\r\n");
        var (status, head, body) = await connection.ReadResponseAsync();

        Assert.Equal(400, status);
        Assert.Contains("urn:gateway:problem:invalid-path", body, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_longer_than_any_server_takes_is_refused_and_not_cut()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var longest = string.Join('/', Enumerable.Repeat(new string('x', 250), 16)) + "/" + new string('y', 77);
        Assert.Equal(4094, Encoding.UTF8.GetByteCount("/" + longest) - 0);

        using var fits = await gateway.GetAsync("files/" + string.Concat(longest.Select(c => c == '/' ? "/" : $"%{(int)c:X2}")));
        await MemoryGateway.ReadProblemAsync(fits, HttpStatusCode.NotFound, "not-found");

        using var isTooLong = await gateway.GetAsync("files/" + longest + "zz");
        await MemoryGateway.ReadProblemAsync(isTooLong, HttpStatusCode.BadRequest, "invalid-path");
    }

    [Fact]
    public async Task The_absolute_form_of_a_request_means_the_same()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a b", "content"u8.ToArray());
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync("GET http://gateway/v1/backends/files/files/a%20b?x=/.. HTTP/1.1\r\nHost: gateway\r\n\r\n");
        var (status, _, body) = await connection.ReadResponseAsync();

        Assert.Equal(200, status);
        Assert.Equal("content", body);
    }

    [Theory]
    [InlineData("directories")]
    [InlineData("directories/")]
    public async Task The_root_is_listed_with_and_without_its_slash(string path)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);

        using var response = await gateway.GetAsync(path);

        var list = await MemoryGateway.ReadJsonAsync(response);
        Assert.Equal("/", list.GetProperty("path").GetString());
        Assert.Equal("files", list.GetProperty("backend").GetString());
        Assert.Equal("a", Assert.Single(list.GetProperty("entries").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_slash_at_the_end_changes_nothing()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/folder/a", "content"u8.ToArray());

        using var file = await gateway.GetAsync("files/folder/a/");
        Assert.Equal("content", await file.Content.ReadAsStringAsync());
        using var folder = await gateway.GetAsync("directories/folder/");
        Assert.Equal("/folder", (await MemoryGateway.ReadJsonAsync(folder)).GetProperty("path").GetString());
    }

    [Fact]
    public async Task A_path_may_be_put_behind_the_route_as_the_gateway_wrote_it()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/folder/a", "content"u8.ToArray());

        using var file = await gateway.GetAsync("files/" + "/folder/a");

        Assert.Equal("content", await file.Content.ReadAsStringAsync());
    }
}
