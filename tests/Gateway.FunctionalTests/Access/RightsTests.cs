using System.Net;
using Gateway.FunctionalTests.Http;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Access;

public sealed class RightsTests
{
    /// <summary>The verb that a route takes, and nothing but that.</summary>
    [Theory]
    [InlineData("list", "GET", "directories/a/", 200)]
    [InlineData("list", "GET", "entries/a/f", 200)]
    [InlineData("read", "GET", "files/a/f", 200)]
    [InlineData("read", "HEAD", "files/a/f", 200)]
    [InlineData("write", "PUT", "files/a/new", 201)]
    [InlineData("write", "PUT", "files/a/f", 204)]
    [InlineData("write", "PUT", "directories/a/new", 201)]
    [InlineData("delete", "DELETE", "files/a/f", 204)]
    [InlineData("delete", "DELETE", "directories/a/empty", 204)]
    public async Task Each_operation_takes_its_verb(string verb, string method, string path, int status)
    {
        var others = new[] { "list", "read", "write", "delete", "admin" }.Where(other => other != verb);
        await using var allowed = await StartAsync($"files /a/** {verb}");
        await using var forbidden = await StartAsync($"files /a/** {string.Join(' ', others)}");

        using var good = await allowed.SendAsync(new HttpMethod(method), path);
        using var bad = await forbidden.SendAsync(new HttpMethod(method), path);

        Assert.Equal(status, (int)good.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, bad.StatusCode);
        if (method != "HEAD")
        {
            await MemoryGateway.ReadProblemAsync(bad, HttpStatusCode.Forbidden, "forbidden");
        }
    }

    [Theory]
    [InlineData("files/ab/f")]
    [InlineData("files/b/f")]
    [InlineData("files//b/f")]
    [InlineData("files/A/f")]
    [InlineData("files/a%20/f")]
    [InlineData("files/a%5C..%5Cb/f")]
    [InlineData("directories/ab/")]
    [InlineData("directories/b/")]
    [InlineData("entries/b")]
    [InlineData("entries/ab/f")]
    public async Task Where_nothing_is_granted_there_is_nothing(string path)
    {
        await using var gateway = await StartAsync("files /a/** list read write delete admin");

        foreach (var method in new[] { "GET", "DELETE" })
        {
            if (method == "DELETE" && path.StartsWith("entries", StringComparison.Ordinal))
            {
                continue;
            }

            using var response = await gateway.SendAsync(new HttpMethod(method), path);
            var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.NotFound, "not-found");
            Assert.Equal("There is nothing at this path.", problem.GetProperty("detail").GetString());
        }

        Assert.True(gateway.Backend.Find("/b/f") is not null && gateway.Backend.Find("/ab/f") is not null);
    }

    [Theory]
    [InlineData("files/a/../b/f")]
    [InlineData("files/a/%2e%2e/b/f")]
    [InlineData("files/a/..%2fb/f")]
    [InlineData("files/a%2f..%2fb/f")]
    public async Task No_spelling_of_a_path_leads_out(string path)
    {
        await using var gateway = await StartAsync("files /a/** list read");

        using var response = await gateway.GetAsync(path);

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.BadRequest, "invalid-path");
    }

    [Fact]
    public async Task What_exists_and_what_does_not_look_the_same_where_nothing_is_granted()
    {
        await using var gateway = await StartAsync("files /a/** list read write delete");
        var asked = 0;
        gateway.Backend.Before = (operation, _, _) =>
        {
            // A pool opens its warm connections by itself, now or a moment later.
            Interlocked.Add(ref asked, operation == MemoryOperation.Open ? 0 : 1);
            return default;
        };

        foreach (var (method, kind) in new[] { ("GET", "files"), ("PUT", "files"), ("DELETE", "files"), ("GET", "directories"), ("GET", "entries"), ("PATCH", "entries") })
        {
            var there = await IdentityTests.ReadWithoutTraceAsync(await gateway.SendAsync(new HttpMethod(method), kind + "/b"));
            var absent = await IdentityTests.ReadWithoutTraceAsync(await gateway.SendAsync(new HttpMethod(method), kind + "/x"));
            Assert.Equal(absent, there.Replace("\"/b\"", "\"/x\"", StringComparison.Ordinal));
            Assert.StartsWith("404", there, StringComparison.Ordinal);
        }

        // Not even its answering time can tell what the server was not asked.
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task A_listing_shows_what_may_be_listed_and_the_way_there()
    {
        await using var gateway = await StartAsync("files /a/sub/deep/** list read", "files /b/*.txt list");
        gateway.Backend.AddFile("/a/sub/deep/x", [1]);
        gateway.Backend.AddFile("/a/sub/other", [1]);
        gateway.Backend.AddFile("/b/y.txt", [1]);

        Assert.Equal(["a", "b"], await gateway.NamesAsync("directories/"));
        Assert.Equal(["sub"], await gateway.NamesAsync("directories/a"));
        Assert.Equal(["deep"], await gateway.NamesAsync("directories/a/sub?sort=size&order=desc"));
        Assert.Equal(["x"], await gateway.NamesAsync("directories/a/sub/deep"));
        Assert.Equal(["y.txt"], await gateway.NamesAsync("directories/b"));
        Assert.Equal(["a", "sub", "deep", "x", "b", "y.txt"], await gateway.NamesAsync("directories/?recursive=true"));
        Assert.Equal(["sub"], await gateway.NamesAsync("directories/a?match=*"));

        using var lines = await gateway.GetAsync("directories/?recursive=true", ("Accept", "application/x-ndjson"));
        var text = await lines.Content.ReadAsStringAsync();
        Assert.Equal(6, text.Trim().Split('\n').Length);
        using var page = await gateway.GetAsync("files/a/sub/", ("Accept", "text/html"));
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("deep/", html, StringComparison.Ordinal);
        Assert.DoesNotContain("other", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callers_share_what_is_read_and_not_what_is_shown()
    {
        var listings = 0;
        await using var gateway = await StartAsync("files /** list");
        gateway.Backend.Before = (operation, _, _) =>
        {
            Interlocked.Add(ref listings, operation == MemoryOperation.List ? 1 : 0);
            return default;
        };
        using var first = await gateway.GetAsync("directories/?limit=1");
        var next = (await MemoryGateway.ReadJsonAsync(first)).GetProperty("next").GetString()!;

        gateway.Reload("files /b/** list");
        Assert.Equal(["b"], await gateway.NamesAsync("directories/"));
        Assert.Equal(["b"], await gateway.NamesAsync("directories/?limit=9&after=" + Uri.EscapeDataString(next)));
        Assert.Equal(1, listings);
    }

    [Fact]
    public async Task An_archive_holds_what_may_be_read()
    {
        await using var gateway = await StartAsync("files /a/** list", "files /a/f read", "files /b/sub/** list read");
        gateway.Backend.AddFile("/a/hidden", [1]);
        gateway.Backend.AddFolder("/b/sub");
        gateway.Backend.AddFile("/b/sub/g", [1]);

        using var response = await gateway.GetAsync("directories/", ("Accept", "application/zip"));
        await using var archive = await System.IO.Compression.ZipArchive.CreateAsync(
            await response.Content.ReadAsStreamAsync(), System.IO.Compression.ZipArchiveMode.Read, leaveOpen: false, null);

        Assert.Equal(["a/", "a/empty/", "a/f", "b/", "b/sub/", "b/sub/g"], archive.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public async Task A_grant_that_is_taken_away_while_the_body_comes_leaves_no_file()
    {
        await using var gateway = await StartAsync("files /a/** write");
        using var content = new PushContent(async body =>
        {
            await body.WriteAsync(new byte[1000]);
            await body.FlushAsync();
            await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 1);
            gateway.Reload("files /a/** read");
            await body.WriteAsync(new byte[1000]);
        });

        using var response = await gateway.SendAsync(HttpMethod.Put, "files/a/new", content);

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Forbidden, "forbidden");
        Assert.Null(gateway.Backend.Find("/a/new"));
        Assert.Equal(0, gateway.Backend.OpenUploads);
    }

    [Fact]
    public async Task Parents_are_created_only_where_that_is_allowed()
    {
        await using var gateway = await StartAsync("files /new/in/** write", "files /a/sub/** write");

        using var outside = await gateway.SendAsync(HttpMethod.Put, "files/new/in/x/f?parents=true");
        using var folder = await gateway.SendAsync(HttpMethod.Put, "directories/new/in/x");
        await MemoryGateway.ReadProblemAsync(outside, HttpStatusCode.Forbidden, "forbidden");
        await MemoryGateway.ReadProblemAsync(folder, HttpStatusCode.Forbidden, "forbidden");
        Assert.Null(gateway.Backend.Find("/new"));

        gateway.Backend.AddFolder("/a/sub");
        using var inside = await gateway.SendAsync(HttpMethod.Put, "files/a/sub/x/y/f?parents=true");
        Assert.Equal(HttpStatusCode.Created, inside.StatusCode);
    }

    [Fact]
    public async Task Each_file_of_a_form_needs_the_right()
    {
        await using var gateway = await StartAsync("files /a/*.txt write");
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent([1]), "file", "good.txt" },
            { new ByteArrayContent([1]), "file", "bad.exe" },
        };

        using var response = await gateway.SendAsync(HttpMethod.Post, "directories/a", form);
        using var elsewhere = await gateway.SendAsync(HttpMethod.Post, "directories/b", new MultipartFormDataContent { { new ByteArrayContent([1]), "file", "good.txt" } });

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.NotFound, "not-found");
        Assert.Equal("/a/good.txt", Assert.Single(problem.GetProperty("stored").EnumerateArray()).GetProperty("path").GetString());
        Assert.Null(gateway.Backend.Find("/a/bad.exe"));
        await MemoryGateway.ReadProblemAsync(elsewhere, HttpStatusCode.NotFound, "not-found");
    }

    private static async Task<KeyedGateway> StartAsync(params string[] rules)
    {
        var gateway = await KeyedGateway.StartAsync(rules);
        foreach (var folder in new[] { "/a", "/a/empty", "/a/sub", "/a/sub/deep", "/ab", "/b" })
        {
            if (folder is not ("/a/sub" or "/a/sub/deep") || rules.Any(rule => rule.Contains("/deep/", StringComparison.Ordinal)))
            {
                gateway.Backend.AddFolder(folder);
            }
        }

        foreach (var file in new[] { "/a/f", "/ab/f", "/b/f" })
        {
            gateway.Backend.AddFile(file, [1, 2, 3]);
        }

        return gateway;
    }
}
