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

    private static string Files(MemoryGateway gateway) => gateway.Host.BaseAddress.AbsoluteUri.TrimEnd('/') + MemoryGateway.Base + "files/";

    private static async Task<string> RunAsync(params string[] arguments)
    {
        await ServerPackages.EnsureAsync("rclone");
        return await Command.RunAsync("env", ["RCLONE_CONFIG=/dev/null", "rclone", .. arguments]);
    }
}
