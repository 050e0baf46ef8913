using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.FunctionalTests.Contract;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>What apps do all day, over HTTP, on every server.</summary>
public sealed class TransferTests(RealServersGateway fixture) : IClassFixture<RealServersGateway>
{
    private static int _rooms;

    private readonly HttpClient _client = fixture.Client;
    private readonly string _room = string.Create(CultureInfo.InvariantCulture, $"http-{Interlocked.Increment(ref _rooms)}");

    [Theory]
    [OnEveryServer]
    public async Task A_file_goes_up_is_listed_comes_down_and_is_removed(string server)
    {
        var backend = await EnterAsync(server);
        foreach (var content in new[] { [], new byte[] { 42 }, Payload.Create(3_000_001) })
        {
            var url = Api.Files(backend, _room, "file.bin");
            using (var created = await Api.PutAsync(_client, url, content))
            {
                Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            }

            var entry = await _client.GetFromJsonAsync<JsonElement>(Api.Entries(backend, _room, "file.bin"));
            Assert.Equal(content.Length, entry.GetProperty("size").GetInt64());
            Assert.Equal(["file.bin"], await Api.ListNamesAsync(_client, backend, _room));
            Payload.AssertSame(content, await _client.GetByteArrayAsync(new Uri(url, UriKind.Relative)));

            using var deleted = await _client.DeleteAsync(new Uri(url, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            using var gone = await _client.GetAsync(new Uri(url, UriKind.Relative));
            await Api.AssertProblemAsync(gone, HttpStatusCode.NotFound, "not-found");
        }

        Assert.Empty(await Api.ListNamesAsync(_client, backend, _room));
    }

    [Theory]
    [OnEveryServer]
    public async Task Odd_names_survive_the_whole_way(string server)
    {
        var backend = await EnterAsync(server);
        var names = ContractServer.GetOddNames(server);
        var wrong = new List<string>();
        foreach (var name in names)
        {
            var content = System.Text.Encoding.UTF8.GetBytes("content of " + name);
            var url = Api.Files(backend, _room, name);
            using var created = await Api.PutAsync(_client, url, content);
            using var got = await _client.GetAsync(new Uri(url, UriKind.Relative));
            var answer = await got.Content.ReadAsByteArrayAsync();
            if (created.StatusCode != HttpStatusCode.Created || !content.AsSpan().SequenceEqual(answer))
            {
                wrong.Add($"{name}: {created.StatusCode}, {got.StatusCode}, {System.Text.Encoding.UTF8.GetString(answer)}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(
            names.Order(StringComparer.Ordinal), (await Api.ListNamesAsync(_client, backend, _room)).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_range_is_what_was_asked_for(string server)
    {
        var backend = await EnterAsync(server);
        var content = Payload.Create(2_000_003);
        var url = Api.Files(backend, _room, "file.bin");
        using (await Api.PutAsync(_client, url, content))
        {
        }

        foreach (var (from, to) in new[] { (0L, 0L), (1_000_000L, 1_999_999L), (2_000_002L, 2_000_002L) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Range = new RangeHeaderValue(from, to);
            using var response = await _client.SendAsync(request);
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            Payload.AssertSame(content.AsMemory((int)from, (int)(to - from + 1)), await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [OnEveryServer]
    public async Task Ten_thousand_entries_are_listed_once_each(string server)
    {
        var backend = await EnterAsync(server);
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 10_000; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"entry {i:d5}");
            names.Add(name);
            await File.Create(files.Locate($"/{_room}/{name}")).DisposeAsync();
        }

        var listed = await Api.ListNamesAsync(_client, backend, _room);

        Assert.Equal(names.Count, listed.Count);
        Assert.True(names.SetEquals(listed));
    }

    [Theory]
    [OnEveryServer]
    public async Task Many_callers_at_once_get_their_own_files(string server)
    {
        var backend = await EnterAsync(server);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async caller =>
        {
            var content = Payload.Create(10_000 + (caller * 5_000), seed: caller);
            var url = Api.Files(backend, _room, string.Create(CultureInfo.InvariantCulture, $"file-{caller}"));
            for (var round = 0; round < 3; round++)
            {
                using var stored = await Api.PutAsync(_client, url, content);
                Assert.True(stored.IsSuccessStatusCode, await stored.Content.ReadAsStringAsync());
                Payload.AssertSame(content, await _client.GetByteArrayAsync(new Uri(url, UriKind.Relative)));
            }
        }));
        Assert.Equal(24, (await Api.ListNamesAsync(_client, backend, _room)).Count);
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.HidesPermissions)]
    public async Task What_the_account_may_not_see_is_forbidden_and_never_empty(string server)
    {
        var backend = await EnterAsync(server);
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        files.Write($"/{_room}/secret/file", "x"u8);
        files.SetMode($"/{_room}/secret", UnixFileMode.None);
        using var listing = await _client.GetAsync(new Uri(Api.Directories(backend, _room, "secret"), UriKind.Relative));
        await Api.AssertProblemAsync(listing, HttpStatusCode.Forbidden, "permission-denied");
        using var download = await _client.GetAsync(new Uri(Api.Files(backend, _room, "secret", "file"), UriKind.Relative));
        await Api.AssertProblemAsync(download, HttpStatusCode.Forbidden, "permission-denied");
    }

    private async Task<string> EnterAsync(string server)
    {
        (await ContractServer.GetSharedAsync(server)).Server.Files.CreateFolder("/" + _room);
        return RealServersGateway.NameOf(server);
    }
}
