using System.Globalization;
using System.IO.Compression;
using System.Text;
using Gateway.FunctionalTests.Contract;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Archives of trees, on every server.</summary>
public sealed class ZipServerTests(RealServersGateway fixture) : IClassFixture<RealServersGateway>
{
    private static int _rooms;

    private readonly HttpClient _client = fixture.Client;
    private readonly string _room = string.Create(CultureInfo.InvariantCulture, $"zip-{Interlocked.Increment(ref _rooms)}");

    [Theory]
    [OnEveryServer]
    public async Task What_is_in_the_tree_is_in_the_archive(string server)
    {
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        var expected = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["big.bin"] = Payload.Create(3_000_001),
            ["empty"] = [],
            ["a/文件.txt"] = Encoding.UTF8.GetBytes("Chinese"),
            ["a/b/c/تقرير.txt"] = Encoding.UTF8.GetBytes("Arabic"),
            ["a b/🎉"] = Encoding.UTF8.GetBytes("emoji"),
        };
        for (var i = 0; i < 20; i++)
        {
            expected[$"many/file {i}"] = Payload.Create(1000 * i, seed: i);
        }

        foreach (var (name, content) in expected)
        {
            files.Write($"/{_room}/{name}", content);
        }

        files.CreateFolder($"/{_room}/nothing");
        File.SetLastWriteTimeUtc(files.Locate($"/{_room}/big.bin"), new DateTime(2025, 3, 1, 12, 0, 2, DateTimeKind.Utc));

        using var folder = new TempFolder();
        var place = Path.Combine(folder.Path, "tree.zip");
        await using (var file = File.Create(place))
        {
            await using var body = await GetAsync(server);
            await body.CopyToAsync(file);
        }

        using (var archive = ZipFile.OpenRead(place))
        {
            foreach (var (name, content) in expected)
            {
                using var copy = new MemoryStream();
                await using var stream = archive.GetEntry(name)!.Open();
                await stream.CopyToAsync(copy);
                Payload.AssertSame(content, copy.ToArray(), name);
            }

            Assert.NotNull(archive.GetEntry("nothing/"));
            Assert.Equal(expected.Count + 6, archive.Entries.Count);
            Assert.Equal(new DateTime(2025, 3, 1, 12, 0, 2), archive.GetEntry("big.bin")!.LastWriteTime.DateTime);
        }

        // An implementation that shares nothing with the gateway's language: it compares every check sum.
        Assert.Equal("None", (await Command.RunAsync("python3", ["-c", "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())", place])).Trim());
    }

    private async Task<Stream> GetAsync(string server)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Api.Directories(RealServersGateway.NameOf(server), _room));
        request.Headers.Add("Accept", "application/zip");
        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStreamAsync();
    }
}
