using System.Net;
using System.Text.Json;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

public sealed class ListingTests
{
    private const string Lines = "application/x-ndjson";

    [Fact]
    public async Task An_entry_tells_all_that_the_server_tells()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/in/a b.txt", "hello"u8.ToArray(), new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero));
        gateway.Backend.AddFolder("/in/sub");
        gateway.Backend.Add("/in/link", new MemoryNode { Type = RemoteEntryType.Symlink, Target = RemotePath.Parse("/nowhere") });

        using var response = await gateway.GetAsync("directories/in");
        using var file = await gateway.GetAsync("files/in/a%20b.txt");

        var list = await MemoryGateway.ReadJsonAsync(response);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var entries = list.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(["a b.txt", "link", "sub"], entries.Select(e => e.GetProperty("name").GetString()));
        Assert.Equal(["file", "symlink", "directory"], entries.Select(e => e.GetProperty("type").GetString()));
        Assert.Equal("/in/a b.txt", entries[0].GetProperty("path").GetString());
        Assert.Equal(5, entries[0].GetProperty("size").GetInt64());
        Assert.Equal("2025-03-01T12:00:00Z", entries[0].GetProperty("modified").GetString());
        Assert.Equal("0644", entries[0].GetProperty("permissions").GetString());
        Assert.Equal(file.Headers.ETag!.ToString(), entries[0].GetProperty("etag").GetString());
        Assert.Equal(JsonValueKind.Null, entries[2].GetProperty("size").ValueKind);
        Assert.Equal(JsonValueKind.Null, entries[2].GetProperty("etag").ValueKind);
        Assert.Equal(JsonValueKind.Null, list.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Names_that_no_path_can_hold_are_shown_and_not_followed()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.OddEntries[RemotePath.Root] = [new RemoteEntry { Name = "a\\u000ab", Type = RemoteEntryType.File, Size = 1, IsAddressable = false }];

        using var response = await gateway.GetAsync("directories/");

        var entry = Assert.Single((await MemoryGateway.ReadJsonAsync(response)).GetProperty("entries").EnumerateArray());
        Assert.Equal("a\\u000ab", entry.GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("path").ValueKind);
    }

    [Theory]
    [InlineData("name", "asc")]
    [InlineData("name", "desc")]
    [InlineData("size", "asc")]
    [InlineData("size", "desc")]
    [InlineData("modified", "asc")]
    [InlineData("modified", "desc")]
    public async Task Pages_in_every_order_join_to_the_whole(string sort, string order)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var random = new Random(1);
        for (var i = 0; i < 57; i++)
        {
            gateway.Backend.AddFile($"/f{i:d2} &=?", new byte[random.Next(5)], DateTimeOffset.UnixEpoch.AddDays(random.Next(5)));
        }

        gateway.Backend.AddFolder("/folder without a size");

        using var whole = await gateway.GetAsync($"directories/?sort={sort}&order={order}");
        var expected = Names(await MemoryGateway.ReadJsonAsync(whole));
        Assert.Equal(58, expected.Count);

        var joined = new List<string>();
        var next = (string?)$"{MemoryGateway.Base}directories/?sort={sort}&order={order}&limit=10";
        while (next is not null)
        {
            using var response = await gateway.GetAsync(next);
            var page = await MemoryGateway.ReadJsonAsync(response);
            joined.AddRange(Names(page));
            Assert.InRange(page.GetProperty("entries").GetArrayLength(), 1, 10);
            next = NextLink(response);
            Assert.Equal(next is null, page.GetProperty("next").ValueKind == JsonValueKind.Null);
        }

        Assert.Equal(expected, joined);
    }

    [Theory]
    [InlineData("*.txt", "a.txt b.txt")]
    [InlineData("[!a]*", "b.TXT b.txt [x]")]
    [InlineData("?.[Tt]*", "a.txt b.TXT b.txt")]
    [InlineData("\\[x\\]", "[x]")]
    [InlineData("nothing", "")]
    public async Task A_glob_chooses_names(string pattern, string expected)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        foreach (var name in new[] { "a.txt", "b.txt", "b.TXT", "[x]" })
        {
            gateway.Backend.AddFile("/" + name, []);
        }

        using var response = await gateway.GetAsync("directories/?match=" + Uri.EscapeDataString(pattern));
        using var lines = await gateway.GetAsync("directories/?match=" + Uri.EscapeDataString(pattern), ("Accept", Lines));

        var names = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(names, Names(await MemoryGateway.ReadJsonAsync(response)));
        Assert.Equal(names, (await ReadLinesAsync(lines)).Select(line => line.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=x")]
    [InlineData("limit=1&limit=2")]
    [InlineData("sort=colour")]
    [InlineData("order=up")]
    [InlineData("match=%5B")]
    [InlineData("sort=size&after=x")]
    public async Task A_query_that_is_not_understood_is_refused(string query)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var response = await gateway.GetAsync("directories/?" + query);
        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.BadRequest, "invalid-request");
    }

    [Theory]
    [InlineData("application/json", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/html, */*;q=0.1", "application/json")]
    [InlineData("application/x-ndjson, */*;q=0.1", Lines)]
    [InlineData("application/json;q=0.5, application/x-ndjson", Lines)]
    public async Task The_caller_chooses_the_form(string accept, string expected)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var response = await gateway.GetAsync("directories/", ("Accept", accept));
        Assert.Equal(expected, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Accept", response.Headers.Vary.ToString());

        using var refused = await gateway.GetAsync("directories/", ("Accept", "image/png"));
        await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.NotAcceptable, "not-acceptable");
    }

    [Fact]
    public async Task Lines_go_out_while_the_server_is_still_listing()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);
        gateway.Backend.AddFile("/b", []);
        var goOn = new TaskCompletionSource();
        var entries = 0;
        gateway.Backend.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.NextEntry && ++entries == 2)
            {
                await goOn.Task.WaitAsync(token);
            }
        };

        using var response = await gateway.GetAsync("directories/", ("Accept", Lines));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Contains("\"/a\"", await reader.ReadLineAsync(), StringComparison.Ordinal);
        goOn.SetResult();
        Assert.Contains("\"/b\"", await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public async Task An_error_after_the_first_line_is_the_last_line()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);
        gateway.Backend.AddFile("/b", []);
        var isFirstOut = new TaskCompletionSource();
        var entries = 0;
        gateway.Backend.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.NextEntry && ++entries == 2)
            {
                await isFirstOut.Task.WaitAsync(token);
                throw new BackendException(BackendError.ConnectionLost, "The connection was lost.");
            }
        };

        using var response = await gateway.GetAsync("directories/", ("Accept", Lines));
        isFirstOut.SetResult();
        var lines = await ReadLinesAsync(response);

        Assert.Equal(2, lines.Count);
        Assert.Equal("urn:gateway:problem:backend-unreachable", lines[1].GetProperty("problem").GetProperty("type").GetString());
    }

    [Fact]
    public async Task An_error_before_the_first_entry_is_a_status()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);

        using var missing = await gateway.GetAsync("directories/missing", ("Accept", Lines));
        await MemoryGateway.ReadProblemAsync(missing, HttpStatusCode.NotFound, "not-found");
        using var file = await gateway.GetAsync("directories/a");
        await MemoryGateway.ReadProblemAsync(file, HttpStatusCode.Conflict, "not-a-directory");
        using var sorted = await gateway.GetAsync("directories/?sort=size", ("Accept", Lines));
        await MemoryGateway.ReadProblemAsync(sorted, HttpStatusCode.BadRequest, "invalid-request");
    }

    [Fact]
    public async Task A_listing_is_kept_for_a_moment_and_never_longer_than_the_gateways_own_writes()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Listing:CacheDuration", "00:10:00"));
        var listings = 0;
        gateway.Backend.Before = (operation, _, _) =>
        {
            listings += operation == MemoryOperation.List ? 1 : 0;
            return default;
        };
        gateway.Backend.AddFile("/x/a", []);

        await ExpectAsync(1, "a");
        gateway.Backend.AddFile("/x/hidden", []);
        await ExpectAsync(1, "a");
        await DoAsync(HttpMethod.Put, "files/x/b");
        await ExpectAsync(2, "a", "b", "hidden");
        await DoAsync(HttpMethod.Delete, "files/x/hidden");
        await ExpectAsync(3, "a", "b");
        await DoAsync(HttpMethod.Put, "directories/x/sub");
        await ExpectAsync(4, "a", "b", "sub");
        await DoAsync(HttpMethod.Delete, "directories/x/sub");
        await ExpectAsync(5, "a", "b");
        await DoAsync(HttpMethod.Put, "directories/x/sub/deep");
        await DoAsync(HttpMethod.Delete, "directories/x/sub?recursive=true");
        await ExpectAsync(7, "a", "b");

        async Task ExpectAsync(int expectedListings, params string[] names)
        {
            using var response = await gateway.GetAsync("directories/x");
            Assert.Equal(names, Names(await MemoryGateway.ReadJsonAsync(response)));
            Assert.True(listings >= expectedListings - 2 && listings <= expectedListings + 2);
        }

        async Task DoAsync(HttpMethod method, string path)
        {
            using var response = await gateway.SendAsync(method, path, method == HttpMethod.Put ? new ByteArrayContent([]) : null);
            Assert.True(response.IsSuccessStatusCode);
        }
    }

    [Fact]
    public async Task Callers_that_ask_at_once_share_one_listing_and_each_may_leave_alone()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Listing:CacheDuration", "00:00:00"));
        gateway.Backend.AddFile("/a", []);
        var (listings, goOn) = (0, new TaskCompletionSource());
        gateway.Backend.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.List)
            {
                Interlocked.Increment(ref listings);
                await goOn.Task.WaitAsync(token);
            }
        };

        using var leave = new CancellationTokenSource();
        var leaver = gateway.Client.GetAsync(MemoryGateway.Base + "directories/", leave.Token);
        await Eventually.HoldsAsync(() => listings == 1);
        var others = Enumerable.Range(0, 8).Select(_ => gateway.GetAsync("directories/")).ToList();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver);
        await Task.WhenAny(Task.WhenAll(others), Task.Delay(200));
        goOn.SetResult();
        foreach (var other in others)
        {
            using var response = await other;
            Assert.Equal(["a"], Names(await MemoryGateway.ReadJsonAsync(response)));
        }

        Assert.InRange(listings, 1, 2);
    }

    [Fact]
    public async Task A_folder_of_many_entries_comes_whole()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        for (var i = 0; i < 10_000; i++)
        {
            gateway.Backend.AddFile($"/big/{i:d5}-名前", []);
        }

        using var response = await gateway.GetAsync("directories/big");
        using var lines = await gateway.GetAsync("directories/big", ("Accept", Lines));

        var names = Names(await MemoryGateway.ReadJsonAsync(response));
        Assert.Equal(10_000, names.Count);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(10_000, (await ReadLinesAsync(lines)).Count);
    }

    [Fact]
    public async Task One_entry_can_be_asked_for_as_link_or_target()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "hello"u8.ToArray());
        gateway.Backend.Add("/link", new MemoryNode { Type = RemoteEntryType.Symlink, Target = RemotePath.Parse("/a") });
        gateway.Backend.Add("/dangling", new MemoryNode { Type = RemoteEntryType.Symlink, Target = RemotePath.Parse("/nowhere") });

        using var link = await gateway.GetAsync("entries/link");
        using var target = await gateway.GetAsync("entries/link?follow=true");
        using var dangling = await gateway.GetAsync("entries/dangling");
        using var nowhere = await gateway.GetAsync("entries/dangling?follow=true");
        using var root = await gateway.GetAsync("entries/");

        Assert.Equal("symlink", (await MemoryGateway.ReadJsonAsync(link)).GetProperty("type").GetString());
        Assert.Equal("file", (await MemoryGateway.ReadJsonAsync(target)).GetProperty("type").GetString());
        Assert.Equal("symlink", (await MemoryGateway.ReadJsonAsync(dangling)).GetProperty("type").GetString());
        await MemoryGateway.ReadProblemAsync(nowhere, HttpStatusCode.NotFound, "not-found");
        Assert.Equal("/", (await MemoryGateway.ReadJsonAsync(root)).GetProperty("path").GetString());
    }

    private static List<string> Names(JsonElement list) => [.. list.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("name").GetString()!)];

    private static async Task<List<JsonElement>> ReadLinesAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(Lines, response.Content.Headers.ContentType!.MediaType);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static string? NextLink(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out var values))
        {
            return null;
        }

        var link = Assert.Single(values);
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }
}
