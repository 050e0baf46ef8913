using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Broker.Backends;
using Gateway.FunctionalTests.Contract;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Copies and changes of metadata over HTTP, on every server and between them.</summary>
public sealed class CopyServerTests(RealServersGateway fixture) : IClassFixture<RealServersGateway>
{
    private static readonly DateTimeOffset Past = new(2024, 2, 29, 10, 11, 12, TimeSpan.Zero);
    private static int _rooms;

    private readonly HttpClient _client = fixture.Client;
    private readonly string _room = string.Create(CultureInfo.InvariantCulture, $"copy-{Interlocked.Increment(ref _rooms)}");

    [Theory]
    [OnEveryServer]
    public async Task A_copy_within_a_backend_is_whole_and_keeps_its_time(string server)
    {
        var (backend, files) = await EnterAsync(server);
        foreach (var size in new[] { 0, 1, 9_000_001 })
        {
            var content = Payload.Create(size);
            files.Write($"/{_room}/a", content);
            files.SetModified($"/{_room}/a", Past);

            using var created = await CopyAsync(backend, "a", "b");
            await AssertAsync(created, HttpStatusCode.Created);
            Payload.AssertSame(content, files.Read($"/{_room}/b"));
            Assert.Equal(Past, files.GetModified($"/{_room}/b"));
            using var refused = await CopyAsync(backend, "a", "b");
            await Api.AssertProblemAsync(refused, HttpStatusCode.Conflict, "already-exists");
            using var replaced = await CopyAsync(backend, "a", "b", overwrite: true);
            await AssertAsync(replaced, HttpStatusCode.NoContent);
            Assert.Equal(["a", "b"], files.List("/" + _room));
            using var deleted = await _client.DeleteAsync(new Uri(Api.Files(backend, _room, "b"), UriKind.Relative));
        }

        using var missing = await CopyAsync(backend, "missing", "c");
        await Api.AssertProblemAsync(missing, HttpStatusCode.NotFound, "not-found");
        using var nowhere = await CopyAsync(backend, "a", "no/c");
        await Api.AssertProblemAsync(nowhere, HttpStatusCode.NotFound, "not-found");
        files.CreateFolder($"/{_room}/folder");
        using var folder = await CopyAsync(backend, "folder", "c");
        await Api.AssertProblemAsync(folder, HttpStatusCode.Conflict, "is-a-directory");
        await Eventually.HoldsAsync(() => files.List("/" + _room) is ["a", "folder"]);
    }

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        string[] names = ["openssh", "rclone", "vsftpd", "proftpd-tls1.3", "pure-ftpd", "pyftpdlib"];
        foreach (var from in names)
        {
            foreach (var to in names.Where(name => name != from))
            {
                pairs.Add(from, to);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_copy_between_servers_is_whole_and_keeps_its_time(string from, string to)
    {
        var (source, sourceFiles) = await EnterAsync(from);
        var (target, targetFiles) = await EnterAsync(to);
        var content = Payload.Create(3_000_001);
        sourceFiles.Write($"/{_room}/a", content);
        sourceFiles.SetModified($"/{_room}/a", Past);

        using var created = await CopyAsync(source, "a", "b", toBackend: target);

        await AssertAsync(created, HttpStatusCode.Created);
        Assert.Equal(Api.Files(target, _room, "b"), created.Headers.Location!.OriginalString);
        Payload.AssertSame(content, targetFiles.Read($"/{_room}/b"));
        Assert.Equal(Past, targetFiles.GetModified($"/{_room}/b"));
        Assert.Equal(["a"], sourceFiles.List("/" + _room));
        Assert.Equal(["b"], targetFiles.List("/" + _room));
    }

    [Theory]
    [InlineData("openssh", "openssh")]
    [InlineData("openssh", "vsftpd")]
    [InlineData("vsftpd", "openssh")]
    [InlineData("proftpd-tls1.2", "proftpd-tls1.2")]
    [InlineData("proftpd-tls1.3", "pyftpdlib")]
    public async Task A_folder_is_copied_with_everything_in_it(string from, string to)
    {
        var (source, sourceFiles) = await EnterAsync(from);
        var (target, targetFiles) = await EnterAsync(to);
        for (var i = 0; i < 30; i++)
        {
            sourceFiles.Write($"/{_room}/tree/{i % 3}/sub {i % 2}/{i}.txt", Encoding.UTF8.GetBytes($"file {i}"));
        }

        sourceFiles.Write($"/{_room}/tree/报告 📷.bin", Payload.Create(1_000_001));
        sourceFiles.CreateFolder($"/{_room}/tree/empty");

        using var response = await _client.PostAsJsonAsync(
            $"/v1/backends/{source}/copies", new { from = $"/{_room}/tree", to = $"/{_room}/copy", toBackend = target, recursive = true });

        await AssertAsync(response, HttpStatusCode.Created);
        var document = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((31, 10), (document.GetProperty("files").GetInt32(), document.GetProperty("folders").GetInt32()));
        Assert.Equal(Snapshot(sourceFiles.Locate($"/{_room}/tree")), Snapshot(targetFiles.Locate($"/{_room}/copy")));
    }

    [Fact]
    public async Task OpenSSH_copies_by_itself()
    {
        var server = await ContractServer.GetSharedAsync("openssh");
        await using var room = await server.OpenRoomAsync();
        Assert.True(room.Connection.Capabilities.ServerSideCopy);
        var content = Payload.Create(20_000_003);
        var path = room.Put("a", content);

        await using var source = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        await using (var target = await room.Connection.OpenWriteAsync(room["b"], new WriteOptions(), CancellationToken.None))
        {
            Assert.True(await target.TryCopyFromAsync(source, CancellationToken.None));
            Assert.Equal(content.Length, target.Length);
            await target.CommitAsync(CancellationToken.None);
        }

        Payload.AssertSame(content, room.Files.Read(room["b"].Value));

        // A file that changes meanwhile, and one of another connection.
        await using var changing = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        room.Put("a", "shorter"u8);
        await using (var target = await room.Connection.OpenWriteAsync(room["c"], new WriteOptions(), CancellationToken.None))
        {
            var failure = await Assert.ThrowsAsync<BackendException>(() => target.TryCopyFromAsync(changing, CancellationToken.None).AsTask());
            Assert.Equal(BackendError.PreconditionFailed, failure.Error);
        }

        await using var stranger = await room.Connector.OpenAsync(CancellationToken.None);
        await using var far = await stranger.OpenReadAsync(path, CancellationToken.None);
        await using (var target = await room.Connection.OpenWriteAsync(room["c"], new WriteOptions(), CancellationToken.None))
        {
            Assert.False(await target.TryCopyFromAsync(far, CancellationToken.None));
        }

        Assert.Equal(["a", "b"], room.Files.List(room.Folder.Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Time_and_permissions_are_changed_where_the_server_can(string server)
    {
        var (backend, files) = await EnterAsync(server);
        files.Write($"/{_room}/a b", "x"u8);
        var capabilities = (await _client.GetFromJsonAsync<JsonElement>("/v1/backends/" + backend)).GetProperty("capabilities");

        using var timed = await PatchAsync(backend, "a b", """{"modified":"2024-02-29T10:11:12.9Z"}""");
        if (capabilities.GetProperty("setModified").GetBoolean())
        {
            await AssertAsync(timed, HttpStatusCode.OK);
            Assert.Equal(Past, files.GetModified($"/{_room}/a b"));
            Assert.Equal("2024-02-29T10:11:12Z", (await timed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("modified").GetString());
        }
        else
        {
            await Api.AssertProblemAsync(timed, HttpStatusCode.NotImplemented, "not-supported");
        }

        using var permitted = await PatchAsync(backend, "a b", """{"permissions":"0640"}""");
        if (capabilities.GetProperty("setPermissions").GetBoolean() && server != "rclone")
        {
            await AssertAsync(permitted, HttpStatusCode.OK);
            Assert.Equal("0640", Convert.ToString((int)File.GetUnixFileMode(files.Locate($"/{_room}/a b")), 8).PadLeft(4, '0'));
        }
        else
        {
            // Also where the server says yes and does nothing.
            await Api.AssertProblemAsync(permitted, HttpStatusCode.NotImplemented, "not-supported");
        }

        using var missing = await PatchAsync(backend, "missing", """{"modified":"2024-02-29T10:11:12Z"}""");
        await Api.AssertProblemAsync(missing, HttpStatusCode.NotFound, "not-found");
    }

    private static List<string> Snapshot(string root) =>
    [
        .. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
            .Select(path => path[root.Length..] + (File.Exists(path) ? " " + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : ""))
            .Order(StringComparer.Ordinal),
    ];

    private static async Task AssertAsync(HttpResponseMessage response, HttpStatusCode status) =>
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");

    private async Task<(string Backend, ServerFiles Files)> EnterAsync(string server)
    {
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        files.CreateFolder("/" + _room);
        return (RealServersGateway.NameOf(server), files);
    }

    private Task<HttpResponseMessage> CopyAsync(string backend, string from, string to, bool overwrite = false, string? toBackend = null) =>
        _client.PostAsJsonAsync(
            $"/v1/backends/{backend}/copies", new { from = $"/{_room}/{from}", to = $"/{_room}/{to}", overwrite, toBackend });

    private Task<HttpResponseMessage> PatchAsync(string backend, string name, string patch) => _client.PatchAsync(
        new Uri(Api.Entries(backend, _room, name), UriKind.Relative), new StringContent(patch, Encoding.UTF8, "application/merge-patch+json"));
}
