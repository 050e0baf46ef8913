using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gateway.FunctionalTests.Contract;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Moves over HTTP, and names that a server may write in another way, on every server.</summary>
public sealed class MoveServerTests(RealServersGateway fixture) : IClassFixture<RealServersGateway>
{
    private static int _rooms;

    private readonly HttpClient _client = fixture.Client;
    private readonly string _room = string.Create(CultureInfo.InvariantCulture, $"move-{Interlocked.Increment(ref _rooms)}");

    [Theory]
    [OnEveryServer]
    public async Task A_move_ends_as_it_says_and_loses_nothing(string server)
    {
        var (backend, files) = await EnterAsync(server);
        files.Write($"/{_room}/a", "a"u8);
        files.Write($"/{_room}/b", "b"u8);
        files.Write($"/{_room}/tree/sub/x", "x"u8);
        files.CreateFolder($"/{_room}/empty");
        (string From, string To, bool Overwrite, int Status, string Problem)[] moves =
        [
            ("a", "b", false, 409, "already-exists"),
            ("a", "tree", false, 409, "already-exists"),
            ("a", "tree", true, 409, "already-exists"),
            ("a", "empty", true, 409, "already-exists"),
            ("tree", "b", false, 409, "already-exists"),
            ("tree", "empty", false, 409, "already-exists"),
            ("tree", "empty", true, 409, "already-exists"),
            ("tree", "tree/sub/tree", false, 400, "invalid-request"),
            ("tree", "tree/new", true, 400, "invalid-request"),
            ("missing", "c", false, 404, "not-found"),
            ("missing/x", "c", false, 404, "not-found"),
            ("a", "missing/c", false, 404, "not-found"),
            ("a", "b/c", false, 409, "not-a-directory"),
            ("a", "a", false, 204, ""),
            ("tree", "tree", true, 204, ""),
        ];
        var before = Tree(files);
        foreach (var (from, to, overwrite, status, name) in moves)
        {
            using var response = await MoveAsync(backend, from, to, overwrite);
            var answer = await response.Content.ReadAsStringAsync();
            Assert.True(
                (int)response.StatusCode == status && answer.Contains(name, StringComparison.Ordinal),
                $"{from} to {to} ({overwrite}): {(int)response.StatusCode} {answer}");
            Assert.Equal(before, Tree(files));
        }

        using var replaced = await MoveAsync(backend, "a", "b", overwrite: true);
        Assert.Equal(HttpStatusCode.NoContent, replaced.StatusCode);
        using var across = await MoveAsync(backend, "b", "tree/sub/b c", overwrite: false);
        Assert.Equal(HttpStatusCode.NoContent, across.StatusCode);
        Assert.Equal(Api.Entries(backend, _room, "tree", "sub", "b c"), across.Headers.Location!.OriginalString);
        using var folder = await MoveAsync(backend, "tree/sub", "empty/moved", overwrite: true);
        Assert.Equal(HttpStatusCode.NoContent, folder.StatusCode);
        Assert.Equal(["empty", "empty/moved", "empty/moved/b c", "empty/moved/x", "tree"], Tree(files));
        Assert.Equal("a"u8.ToArray(), files.Read($"/{_room}/empty/moved/b c"));
    }

    [Theory]
    [OnEveryServer]
    public async Task A_move_minds_what_the_caller_has_seen(string server)
    {
        var (backend, files) = await EnterAsync(server);
        files.Write($"/{_room}/a", "a"u8);
        files.SetModified($"/{_room}/a", new DateTimeOffset(2024, 2, 29, 0, 0, 0, TimeSpan.Zero));
        var tag = (await _client.GetFromJsonAsync<JsonElement>(Api.Entries(backend, _room, "a"))).GetProperty("etag").GetString()!;

        using var other = await MoveAsync(backend, "a", "b", overwrite: false, "\"x\"");
        await Api.AssertProblemAsync(other, HttpStatusCode.PreconditionFailed, "precondition-failed");
        using var seen = await MoveAsync(backend, "a", "b", overwrite: false, tag);
        Assert.Equal(HttpStatusCode.NoContent, seen.StatusCode);
        Assert.Equal(["b"], Tree(files));
    }

    [Theory]
    [OnEveryServer]
    public async Task Of_moves_to_the_same_name_one_wins_where_the_server_can_tell(string server)
    {
        var (backend, files) = await EnterAsync(server);
        var document = await _client.GetFromJsonAsync<JsonElement>("/v1/backends/" + backend);
        var isAtomic = document.GetProperty("capabilities").GetProperty("atomicCreate").GetBoolean();
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                files.Write($"/{_room}/from{i}", Encoding.UTF8.GetBytes($"{i}"));
            }

            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => MoveAsync(backend, $"from{i}", $"to{round}", overwrite: false)));

            var winners = answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent);
            Assert.True(isAtomic ? winners == 1 : winners >= 1, $"{winners} moves succeeded");
            Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.Conflict, answer.StatusCode.ToString()));
            Array.ForEach(answers, answer => answer.Dispose());
        }
    }

    [Theory]
    [OnEveryServer]
    public async Task A_name_is_kept_to_the_letter_or_refused_and_nothing_is_left(string server)
    {
        var (backend, files) = await EnterAsync(server);
        var wrong = new List<string>();
        foreach (var name in new[] { "space ", "spaces   ", " lead", "back\\slash", "trailing\\", "emoji 😀", "中文文件", "ملف عربي", "*", "tab\u00A0", "dot.", "a\u0301" })
        {
            files.Write($"/{_room}/source", "x"u8);
            using var put = await Api.PutAsync(_client, Api.Files(backend, _room, name), "x"u8.ToArray());
            await CheckAsync("PUT", name, put);
            using var made = await _client.PutAsync(new Uri(Api.Directories(backend, _room, name), UriKind.Relative), null);
            await CheckAsync("mkdir", name, made);
            using var moved = await MoveAsync(backend, "source", name, overwrite: false);
            await CheckAsync("move", name, moved);
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task CheckAsync(string what, string name, HttpResponseMessage response)
        {
            await Eventually.HoldsAsync(() => !files.List("/" + _room).Any(found => found.StartsWith(".gateway-", StringComparison.Ordinal)));
            var found = files.List("/" + _room).Where(one => one != "source").ToList();
            if (response.IsSuccessStatusCode ? found is not [var only] || only != name : found.Count > 0)
            {
                wrong.Add($"{what} {name}: {(int)response.StatusCode}, and there is {string.Join(", ", found)}");
            }

            foreach (var left in found)
            {
                Remove(files.Locate($"/{_room}/{left}"));
            }
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }
        else
        {
            File.Delete(path);
        }
    }

    private List<string> Tree(ServerFiles files)
    {
        var root = files.Locate("/" + _room);
        return [.. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Select(path => path[(root.Length + 1)..]).Order(StringComparer.Ordinal)];
    }

    private async Task<(string Backend, ServerFiles Files)> EnterAsync(string server)
    {
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        files.CreateFolder("/" + _room);
        return (RealServersGateway.NameOf(server), files);
    }

    private async Task<HttpResponseMessage> MoveAsync(string backend, string from, string to, bool overwrite, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/backends/{backend}/moves")
        {
            Content = JsonContent.Create(new { from = $"/{_room}/{from}", to = $"/{_room}/{to}", overwrite }),
        };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await _client.SendAsync(request);
    }
}
