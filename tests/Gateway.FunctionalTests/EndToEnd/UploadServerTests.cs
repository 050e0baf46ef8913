using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.FunctionalTests.Contract;
using Gateway.FunctionalTests.Http;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Uploads over HTTP onto every real server: whole or not at all.</summary>
public sealed class UploadServerTests(RealServersGateway fixture) : IClassFixture<RealServersGateway>
{
    private const string Past = "2024-02-29T10:11:12Z";
    private static int _rooms;

    private readonly HttpClient _client = fixture.Client;
    private readonly string _room = string.Create(CultureInfo.InvariantCulture, $"upload-{Interlocked.Increment(ref _rooms)}");

    [Theory]
    [OnEveryServer]
    public async Task An_upload_cut_at_every_tenth_byte_leaves_neither_a_part_nor_anything_else(string server)
    {
        var (backend, files) = await EnterAsync(server);
        files.Write($"/{_room}/old", "old"u8);
        const int Length = 200;
        foreach (var isChunked in new[] { false, true })
        {
            var text = new string('x', Length);
            var body = isChunked ? $"{Length:x}\r\n{text}\r\n0\r\n\r\n" : text;
            var framing = isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {Length}";
            for (var cut = 0; cut < body.Length; cut += 10)
            {
                var name = cut % 20 == 0 ? "old" : "new";
                await using var connection = await RawConnection.OpenAsync(fixture.Gateway.BaseAddress);
                await connection.SendAsync($"PUT {Api.Files(backend, _room, name)} HTTP/1.1\r\nHost: g\r\n{framing}\r\n\r\n{body[..cut]}");
                connection.EndSending();
                Assert.DoesNotContain("HTTP/1.1 2", Encoding.Latin1.GetString(await connection.ReadToEndAsync()), StringComparison.Ordinal);
            }
        }

        await Eventually.HoldsAsync(() => files.List("/" + _room) is ["old"]);
        Assert.Equal("old"u8.ToArray(), files.Read($"/{_room}/old"));
    }

    [Theory]
    [OnEveryServer]
    public async Task A_body_that_is_not_the_announced_one_changes_nothing(string server)
    {
        var (backend, files) = await EnterAsync(server);
        files.Write($"/{_room}/a", "old"u8);
        var content = Payload.Create(300_001);
        var right = $"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:";
        var wrong = $"sha-256=:{Convert.ToBase64String(SHA256.HashData("x"u8))}:";

        using var refused = await PutAsync(backend, "a", content, ("Content-Digest", wrong));
        await Api.AssertProblemAsync(refused, HttpStatusCode.UnprocessableEntity, "digest-mismatch");
        Assert.Equal("old"u8.ToArray(), files.Read($"/{_room}/a"));
        await Eventually.HoldsAsync(() => files.List("/" + _room) is ["a"]);

        using var taken = await PutAsync(backend, "a", content, ("Content-Digest", right), ("Want-Repr-Digest", "sha-256=1"));
        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        Assert.Equal(right, taken.Headers.GetValues("Repr-Digest").Single());
        Payload.AssertSame(content, files.Read($"/{_room}/a"));
    }

    [Theory]
    [OnEveryServer]
    public async Task A_file_that_changes_during_the_upload_is_not_replaced(string server)
    {
        var (backend, files) = await EnterAsync(server);
        using var first = await PutAsync(backend, "a", "seen"u8.ToArray(), ("X-Modified", Past));
        var tag = await TagOfAsync(backend, "a");
        using var second = await PutAsync(backend, "a", "seen too"u8.ToArray(), ("If-Match", tag), ("X-Modified", Past));
        Assert.Equal(HttpStatusCode.NoContent, second.StatusCode);
        tag = await TagOfAsync(backend, "a");

        await using var connection = await RawConnection.OpenAsync(fixture.Gateway.BaseAddress);
        await connection.SendAsync(
            $"PUT {Api.Files(backend, _room, "a")} HTTP/1.1\r\nHost: g\r\nIf-Match: {tag}\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        await connection.SendAsync("12345");
        files.Write($"/{_room}/a", "somebody else's"u8);
        await connection.SendAsync("67890");
        var (status, head, body) = await connection.ReadResponseAsync();

        Assert.True(status == 412, head + body);
        Assert.Equal("somebody else's"u8.ToArray(), files.Read($"/{_room}/a"));
        await Eventually.HoldsAsync(() => files.List("/" + _room) is ["a"]);
    }

    [Theory]
    [OnEveryServer]
    public async Task Of_callers_who_create_the_same_file_one_wins_where_the_server_can_tell(string server)
    {
        var (backend, files) = await EnterAsync(server);
        var document = await _client.GetFromJsonAsync<JsonElement>("/v1/backends/" + backend);
        var isAtomic = document.GetProperty("capabilities").GetProperty("atomicCreate").GetBoolean();
        for (var round = 0; round < 5; round++)
        {
            var name = $"a{round}";
            var contents = Enumerable.Range(0, 4).Select(i => Encoding.UTF8.GetBytes($"by {i} in {round}")).ToArray();
            var answers = await Task.WhenAll(contents.Select(content => PutAsync(backend, name, content, ("If-None-Match", "*"))));

            var winners = Enumerable.Range(0, 4).Where(i => answers[i].StatusCode == HttpStatusCode.Created).ToList();
            Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.PreconditionFailed, answer.StatusCode.ToString()));
            Assert.True(isAtomic ? winners.Count == 1 : winners.Count >= 1, $"{winners.Count} callers created the file");
            Assert.Contains(files.Read($"/{_room}/{name}"), winners.Select(i => contents[i]));
            Array.ForEach(answers, answer => answer.Dispose());
        }

        await Eventually.HoldsAsync(() => files.List("/" + _room).Count == 5);
    }

    [Theory]
    [OnEveryServer]
    public async Task Missing_parents_are_created_when_asked_for_and_the_time_is_kept(string server)
    {
        var (backend, files) = await EnterAsync(server);
        var url = Api.Files(backend, _room, "x y", "z", "a.txt");

        using var refused = await Api.PutAsync(_client, url, "a"u8.ToArray());
        var problem = await Api.AssertProblemAsync(refused, HttpStatusCode.NotFound, "not-found");
        Assert.Contains("folder that should hold it does not exist", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(files.List("/" + _room));

        using var request = new HttpRequestMessage(HttpMethod.Put, url + "?parents=true") { Content = new ByteArrayContent("a"u8.ToArray()) };
        request.Headers.Add("X-Modified", Past);
        using var created = await _client.SendAsync(request);
        Assert.True(created.StatusCode == HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        Assert.Equal("a"u8.ToArray(), files.Read($"/{_room}/x y/z/a.txt"));
        var entry = await _client.GetFromJsonAsync<JsonElement>(Api.Entries(backend, _room, "x y", "z", "a.txt"));
        Assert.Equal(Past, entry.GetProperty("modified").GetString());
        Assert.Equal(entry.GetProperty("etag").GetString(), created.Headers.ETag!.ToString());
    }

    [Theory]
    [OnEveryServer]
    public async Task A_form_with_several_files_is_stored_file_by_file(string server)
    {
        var (backend, files) = await EnterAsync(server);
        var large = Payload.Create(2_000_003);
        using var form = new MultipartFormDataContent { { new StringContent("a note"), "note" } };
        form.Add(new ByteArrayContent("one"u8.ToArray()), "files", "a b.txt");
        form.Add(new ByteArrayContent(large), "files", "报告 📷.bin");
        form.Add(new ByteArrayContent([]), "files", "تقرير.txt");

        using var response = await _client.PostAsync(new Uri(Api.Directories(backend, _room), UriKind.Relative), form);

        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        Assert.Equal(["a b.txt", "تقرير.txt", "报告 📷.bin"], files.List("/" + _room));
        Payload.AssertSame(large, files.Read($"/{_room}/报告 📷.bin"));

        // Cut in the middle of the second file: the first is there, and nothing of the second.
        var body = "--x\r\nContent-Disposition: form-data; name=f; filename=c\r\n\r\nwhole\r\n--x\r\nContent-Disposition: form-data; name=f; filename=d\r\n\r\n" + new string('d', 5000);
        await using var connection = await RawConnection.OpenAsync(fixture.Gateway.BaseAddress);
        await connection.SendAsync(
            $"POST {Api.Directories(backend, _room)} HTTP/1.1\r\nHost: g\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n{body}");
        await Eventually.HoldsAsync(() => files.Exists($"/{_room}/c"));
        connection.EndSending();
        Assert.DoesNotContain("HTTP/1.1 2", Encoding.Latin1.GetString(await connection.ReadToEndAsync()), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => files.List("/" + _room).Count == 4);
        Assert.Equal("whole"u8.ToArray(), files.Read($"/{_room}/c"));
    }

    private async Task<(string Backend, ServerFiles Files)> EnterAsync(string server)
    {
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        files.CreateFolder("/" + _room);
        return (RealServersGateway.NameOf(server), files);
    }

    private async Task<HttpResponseMessage> PutAsync(string backend, string name, byte[] content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Api.Files(backend, _room, name)) { Content = new ByteArrayContent(content) };
        foreach (var (header, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        return await _client.SendAsync(request);
    }

    private async Task<string> TagOfAsync(string backend, string name) =>
        (await _client.GetFromJsonAsync<JsonElement>(Api.Entries(backend, _room, name))).GetProperty("etag").GetString()!;
}
