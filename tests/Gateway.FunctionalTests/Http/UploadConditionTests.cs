using System.Net;
using System.Text;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary>What an upload may replace, and where it may go.</summary>
public sealed class UploadConditionTests
{
    public static TheoryData<string, string, bool> Races() => new()
    {
        { "If-Match", "TAG", false },
        { "If-Match", "TAG", true },
        { "If-None-Match", "\"x\", OTHERTAG", false },
        { "If-Unmodified-Since", "DATE", false },
    };

    [Theory]
    [MemberData(nameof(Races))]
    public async Task A_condition_is_judged_again_right_before_the_commit(string header, string value, bool vanishes)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var old = DateTimeOffset.UtcNow.AddHours(-2);
        gateway.Backend.AddFile("/a", "theirs"u8.ToArray(), old.AddHours(1));
        using var other = await gateway.GetAsync("files/a");
        gateway.Backend.AddFile("/a", "old"u8.ToArray(), old);
        using var get = await gateway.GetAsync("files/a");
        value = value
            .Replace("OTHERTAG", other.Headers.ETag!.ToString(), StringComparison.Ordinal)
            .Replace("TAG", get.Headers.ETag!.ToString(), StringComparison.Ordinal)
            .Replace("DATE", old.ToString("R"), StringComparison.Ordinal);
        gateway.Backend.Before = (operation, path, _) =>
        {
            if (operation == MemoryOperation.Commit && vanishes)
            {
                gateway.Backend.Delete("/a");
            }
            else if (operation == MemoryOperation.Commit)
            {
                gateway.Backend.AddFile("/a", "theirs"u8.ToArray(), old.AddHours(1));
            }

            return default;
        };

        using var response = await gateway.PutAsync("files/a", "ours", (header, value));

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.PreconditionFailed, "precondition-failed");
        Assert.Equal(vanishes ? null : "theirs", gateway.Backend.Find("/a") is { } node ? Encoding.UTF8.GetString(node.Content) : null);
        Assert.Equal(0, gateway.Backend.OpenUploads);
    }

    [Fact]
    public async Task A_condition_that_holds_to_the_end_lets_the_file_be_replaced()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "old"u8.ToArray());
        using var get = await gateway.GetAsync("files/a");

        using var response = await gateway.PutAsync("files/a", "new", ("If-Match", get.Headers.ETag!.ToString()));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("new"u8.ToArray(), gateway.Backend.Find("/a")!.Content);
    }

    [Fact]
    public async Task Missing_parents_are_told_and_created_only_when_asked_for()
    {
        await using var gateway = await MemoryGateway.StartAsync();

        using var refused = await gateway.PutAsync("files/a/b/c.txt", "x");
        using var refusedToo = await gateway.PutAsync("files/a/b/c.txt?parents=false", "x");
        var problem = await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.NotFound, "not-found");
        Assert.Contains("?parents=true", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, refusedToo.StatusCode);
        Assert.Equal(["/"], gateway.Backend.Paths);

        using var created = await gateway.PutAsync("files/a/b/c.txt?parents=true", "x");
        using var again = await gateway.PutAsync("files/a/b/c.txt?parents=true", "x");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        Assert.Equal(["/", "/a", "/a/b", "/a/b/c.txt"], gateway.Backend.Paths);
    }

    [Fact]
    public async Task A_file_where_a_parent_should_be_is_a_conflict()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);

        using var response = await gateway.PutAsync("files/a/b/c.txt?parents=true", "x");

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Conflict, "not-a-directory");
    }

    [Fact]
    public async Task A_listing_shows_the_folders_that_an_upload_made()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Listing:CacheDuration", "00:10:00"));
        using (var empty = await gateway.GetAsync("directories/"))
        {
            Assert.Equal(0, (await MemoryGateway.ReadJsonAsync(empty)).GetProperty("entries").GetArrayLength());
        }

        using var created = await gateway.PutAsync("files/a/b.txt?parents=true", "x");
        using var listed = await gateway.GetAsync("directories/");

        Assert.Equal("a", (await MemoryGateway.ReadJsonAsync(listed)).GetProperty("entries")[0].GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("Content-Length: 300", "", false)]
    [InlineData("Transfer-Encoding: chunked", "12c\r\n", true)]
    [InlineData("Transfer-Encoding: chunked", "64\r\n", true)]
    public async Task A_body_cut_at_any_byte_leaves_nothing(string framing, string start, bool isChunked)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/old", "old"u8.ToArray());
        var commits = 0;
        gateway.Backend.Before = (operation, _, _) =>
        {
            commits += operation == MemoryOperation.Commit ? 1 : 0;
            return default;
        };
        var piece = start.Length == 0 ? 300 : int.Parse(start.AsSpan().Trim(), System.Globalization.NumberStyles.HexNumber, null);
        var body = string.Concat(Enumerable.Repeat(start + new string('x', piece) + (isChunked ? "\r\n" : ""), 300 / piece)) + (isChunked ? "0\r\n\r\n" : "");
        for (var cut = 0; cut < body.Length; cut += cut < body.Length - 12 ? 10 : 1)
        {
            foreach (var name in new[] { "old", "new" })
            {
                await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
                await connection.SendAsync($"PUT /v1/backends/files/files/{name} HTTP/1.1\r\nHost: g\r\n{framing}\r\n\r\n{body[..cut]}");
                connection.EndSending();
                var answer = Encoding.Latin1.GetString(await connection.ReadToEndAsync());
                Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
            }
        }

        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 0);
        Assert.Equal(0, commits);
        Assert.Equal(["/", "/old"], gateway.Backend.Paths);
        Assert.Equal("old"u8.ToArray(), gateway.Backend.Find("/old")!.Content);
    }

    [Theory]
    [InlineData("5\r\nhello\r\nxyz\r\nworld\r\n0\r\n\r\n")]
    [InlineData("5\r\nhelloworld\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5;\r\nhello\r\nxyz\r\n")]
    public async Task A_chunk_that_is_none_abandons_the_upload(string body)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync("PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
        var (status, head, text) = await connection.ReadResponseAsync();

        Assert.Equal(400, status);
        Assert.Contains("urn:gateway:problem:invalid-request", text, StringComparison.Ordinal);
        Assert.Contains("Connection: close", head, StringComparison.OrdinalIgnoreCase);
        Assert.Null(gateway.Backend.Find("/a"));
        Assert.Equal(0, gateway.Backend.OpenUploads);
    }
}
