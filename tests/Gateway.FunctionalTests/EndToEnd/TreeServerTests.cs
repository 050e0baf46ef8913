using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.FunctionalTests.Contract;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Big folders and trees over HTTP, on real servers.</summary>
public sealed class TreeServerTests(RealServersGateway fixture) : IClassFixture<RealServersGateway>
{
    private static int _rooms;

    private readonly HttpClient _client = fixture.Client;
    private readonly string _room = string.Create(CultureInfo.InvariantCulture, $"tree-{Interlocked.Increment(ref _rooms)}");

    [Theory]
    [OnEveryServer]
    public async Task A_tree_is_listed_without_its_circles_and_with_what_may_not_be_read(string server)
    {
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        foreach (var path in new[] { "a/文件.txt", "a/b/c/deep.txt", "d.txt", "a b/تقرير 🎉" })
        {
            files.Write($"/{_room}/{path}", "x"u8);
        }

        File.CreateSymbolicLink(files.Locate($"/{_room}/a/round"), "..");
        files.CreateFolder($"/{_room}/secret");
        files.SetMode($"/{_room}/secret", UnixFileMode.None);

        var list = await _client.GetFromJsonAsync<JsonElement>(Url(server, "?recursive=true&depth=8"));

        var paths = list.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("path").GetString()![(_room.Length + 2)..]).ToList();
        string[] expected = ["a", "a b", "a b/تقرير 🎉", "a/b", "a/b/c", "a/b/c/deep.txt", "a/文件.txt", "d.txt", "secret"];
        Assert.Equal(expected, paths.Where(path => !path.Contains("round", StringComparison.Ordinal)));

        // Servers that show a link as what it leads to are walked as deep as was asked for.
        var most = server is "rclone" or "pyftpdlib" ? 100 : 1;
        Assert.InRange(paths.Count(path => path.Contains("round", StringComparison.Ordinal)), 1, most);
        if (list.GetProperty("unreadable").EnumerateArray().ToList() is [var unreadable])
        {
            Assert.Equal($"/{_room}/secret", unreadable.GetProperty("path").GetString());
        }
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("vsftpd")]
    [InlineData("proftpd-tls1.3")]
    public async Task Fifty_thousand_entries_come_in_pages_while_others_come_and_go(string server)
    {
        const int Count = 50_000;
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        files.CreateFolder("/" + _room);
        var folder = files.Locate("/" + _room);
        Parallel.For(0, Count, i => File.Create(Path.Combine(folder, Name(i))).Dispose());

        var names = new List<string>();
        string? next = null;
        do
        {
            var page = await _client.GetFromJsonAsync<JsonElement>(Url(server, "?limit=10000" + (next is null ? "" : "&after=" + Uri.EscapeDataString(next))));
            names.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!));
            next = page.GetProperty("next").GetString();
            await File.Create(Path.Combine(folder, "entry new " + names.Count)).DisposeAsync();
            File.Delete(Path.Combine(folder, Name(Count - names.Count + 5000)));
        }
        while (next is not null);

        Assert.Equal(Enumerable.Range(0, Count).Select(Name), names);

        // And as lines, which begin before the folder has been read to its end.
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(server, ""));
        request.Headers.Add("Accept", "application/x-ndjson");
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var lines = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Add(JsonDocument.Parse(line).RootElement.GetProperty("name").GetString()!);
        }

        Assert.Equal(Directory.EnumerateFiles(folder).Count(), lines.Count);
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"entry {i:d6}");

    private string Url(string server, string query) => Api.Directories(RealServersGateway.NameOf(server), _room) + query;
}
