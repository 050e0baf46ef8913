using System.Security.Cryptography;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Http;

/// <summary>rclone's backend for web servers, reading from the gateway.</summary>
public sealed class RcloneTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_big_file_comes_in_several_streams_with_its_time()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var folder = new TempFolder();
        var content = RandomNumberGenerator.GetBytes(40 * MiB);
        var modified = new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
        gateway.Backend.AddFile("/reports/annual \u6587\u4EF6 100%.bin", content, modified);

        var output = await RunAsync(
            "copy", "-vv", "--http-url", Files(gateway), "--multi-thread-cutoff", "10M", "--multi-thread-streams", "4",
            ":http:reports/annual \u6587\u4EF6 100%.bin", folder.Path);

        var copy = folder["annual \u6587\u4EF6 100%.bin"];
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync(copy)));
        Assert.Equal(modified.UtcDateTime, File.GetLastWriteTimeUtc(copy));
        Assert.Contains("multi-thread copy", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_url_is_copied_and_copied_again_only_if_it_changed()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var folder = new TempFolder();
        gateway.Backend.AddFile("/a", "hello"u8.ToArray());

        await RunAsync("copyurl", Files(gateway) + "a", folder["a"]);
        await RunAsync("copy", "--http-url", Files(gateway), ":http:a", folder.CreateFolder("b"));
        var again = await RunAsync("copy", "-vv", "--http-url", Files(gateway), ":http:a", folder["b"]);

        Assert.Equal("hello", await File.ReadAllTextAsync(folder["a"]));
        Assert.Contains("Unchanged skipping", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_is_listed_and_mirrored_when_pages_of_links_are_asked_for()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var folder = new TempFolder();
        foreach (var path in new[] { "/top.txt", "/a b/\u6587\u4EF6 100%.txt", "/a b/\"quoted\" & <b>:x?#.txt", "/a b/deep/er/f" })
        {
            gateway.Backend.AddFile(path, System.Text.Encoding.UTF8.GetBytes(path));
        }

        var list = await RunAsync("lsf", "-R", "--http-headers", "Accept,text/html", "--http-url", Files(gateway), ":http:");
        await RunAsync("copy", "--http-headers", "Accept,text/html", "--http-url", Files(gateway), ":http:", folder.CreateFolder("mirror"));
        await RunAsync("check", "--download", "--http-headers", "Accept,text/html", "--http-url", Files(gateway), ":http:", folder["mirror"]);

        Assert.Equal(
            ["a b/", "a b/\"quoted\" & <b>:x?#.txt", "a b/deep/", "a b/deep/er/", "a b/deep/er/f", "a b/\u6587\u4EF6 100%.txt", "top.txt"],
            list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        foreach (var path in gateway.Backend.Paths.Where(path => path.EndsWith("txt", StringComparison.Ordinal)))
        {
            Assert.Equal(path, await File.ReadAllTextAsync(folder["mirror"] + path));
        }
    }

    [Theory]
    [InlineData("files/folder/", "text/html,application/xhtml+xml,*/*;q=0.8", 200, "text/html")]
    [InlineData("files/", "text/html", 200, "text/html")]
    [InlineData("files/folder", "text/html", 409, "application/problem+json")]
    [InlineData("files/folder/", "*/*", 409, "application/problem+json")]
    [InlineData("files/folder/", null, 409, "application/problem+json")]
    [InlineData("files/folder/", "application/json", 409, "application/problem+json")]
    [InlineData("files/folder/file/", "text/html", 200, "application/octet-stream")]
    [InlineData("files/missing/", "text/html", 404, "application/problem+json")]
    public async Task Only_who_prefers_HTML_gets_it(string path, string? accept, int status, string contentType)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/folder/file", "x"u8.ToArray());

        using var response = await (accept is null ? gateway.GetAsync(path) : gateway.GetAsync(path, ("Accept", accept)));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType!.MediaType);
        if (contentType == "text/html")
        {
            Assert.Equal("sandbox allow-downloads; default-src 'none'; frame-ancestors 'none'", response.Headers.NonValidated["Content-Security-Policy"].ToString());
            Assert.Equal("Accept", response.Headers.Vary.ToString());
        }
    }

    private static string Files(MemoryGateway gateway) => gateway.Host.BaseAddress.AbsoluteUri.TrimEnd('/') + MemoryGateway.Base + "files/";

    private static async Task<string> RunAsync(params string[] arguments)
    {
        await ServerPackages.EnsureAsync("rclone");
        return await Command.RunAsync("env", ["RCLONE_CONFIG=/dev/null", "rclone", .. arguments]);
    }
}
