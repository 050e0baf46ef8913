using System.Net;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

public sealed class ManageTests
{
    [Fact]
    public async Task A_folder_is_created_with_its_parents_and_creating_it_again_is_no_error()
    {
        await using var gateway = await MemoryGateway.StartAsync();

        using var created = await gateway.SendAsync(HttpMethod.Put, "directories/a/b%20c/d");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/v1/backends/files/directories/a/b%20c/d", created.Headers.NonValidated["Location"].ToString());
        using var again = await gateway.SendAsync(HttpMethod.Put, "directories/a/b%20c/d/");
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        using var root = await gateway.SendAsync(HttpMethod.Put, "directories/");
        Assert.Equal(HttpStatusCode.NoContent, root.StatusCode);
        Assert.Equal(["/", "/a", "/a/b c", "/a/b c/d"], gateway.Backend.Paths);
    }

    [Theory]
    [InlineData("directories/file", "already-exists")]
    [InlineData("directories/file/sub", "not-a-directory")]
    public async Task A_file_in_the_way_of_a_folder_is_told(string path, string name)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/file", []);
        using var response = await gateway.SendAsync(HttpMethod.Put, path);
        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Conflict, name);
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_only_deleted_as_a_tree()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/keep", []);
        gateway.Backend.Add("/tree/link", new MemoryNode { Type = RemoteEntryType.Symlink, Target = RemotePath.Parse("/other") });
        gateway.Backend.AddFile("/other/precious", []);
        for (var i = 0; i < 300; i++)
        {
            gateway.Backend.AddFile($"/tree/{i % 7}/{i % 3}/{i}", []);
        }

        using var refused = await gateway.SendAsync(HttpMethod.Delete, "directories/tree");
        await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.Conflict, "not-empty");
        using var deleted = await gateway.SendAsync(HttpMethod.Delete, "directories/tree?recursive=true");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(["/", "/keep", "/other", "/other/precious"], gateway.Backend.Paths);
    }

    [Theory]
    [InlineData("directories/", 400, "invalid-path")]
    [InlineData("directories/?recursive=true", 400, "invalid-path")]
    [InlineData("directories/file?recursive=true", 409, "not-a-directory")]
    [InlineData("directories/link?recursive=true", 409, "not-a-directory")]
    [InlineData("directories/missing?recursive=true", 404, "not-found")]
    [InlineData("directories/odd?recursive=true", 409, "not-empty")]
    [InlineData("directories/full?recursive=yes", 400, "invalid-request")]
    public async Task What_cannot_be_deleted_stays(string path, int status, string name)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/file", []);
        gateway.Backend.AddFile("/full/a", []);
        gateway.Backend.AddFolder("/odd");
        gateway.Backend.Add("/link", new MemoryNode { Type = RemoteEntryType.Symlink, Target = RemotePath.Parse("/full") });
        gateway.Backend.OddEntries[RemotePath.Parse("/odd")] = [new RemoteEntry { Name = "a\\nb", Type = RemoteEntryType.File }];
        var before = gateway.Backend.Paths;

        using var response = await gateway.SendAsync(HttpMethod.Delete, path);

        await MemoryGateway.ReadProblemAsync(response, (HttpStatusCode)status, name);
        Assert.Equal(before, gateway.Backend.Paths);
    }

    [Fact]
    public async Task A_tree_is_deleted_on_a_connection_that_takes_one_request_at_a_time()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.IsShareable = false;
        var (running, most) = (0, 0);
        gateway.Backend.Before = async (operation, _, _) =>
        {
            if (operation == MemoryOperation.DeleteFile)
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
            }
        };
        for (var i = 0; i < 50; i++)
        {
            gateway.Backend.AddFile($"/tree/{i}", []);
        }

        using var response = await gateway.SendAsync(HttpMethod.Delete, "directories/tree?recursive=true");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_move_renames_and_only_replaces_when_told_to()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "a"u8.ToArray());
        gateway.Backend.AddFile("/b", "b"u8.ToArray());
        gateway.Backend.AddFile("/folder/x", []);

        using var refused = await MoveAsync(gateway, """{"from":"/a","to":"/b"}""");
        await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.Conflict, "already-exists");
        using var replaced = await MoveAsync(gateway, """{"from":"/a","to":"/b","overwrite":true}""");
        Assert.Equal(HttpStatusCode.NoContent, replaced.StatusCode);
        Assert.Equal("/v1/backends/files/entries/b", replaced.Headers.NonValidated["Location"].ToString());
        using var folder = await MoveAsync(gateway, """{"from":"folder","to":"/moved #1"}""");
        Assert.Equal("/v1/backends/files/entries/moved%20%231", folder.Headers.NonValidated["Location"].ToString());
        using var missing = await MoveAsync(gateway, """{"from":"/a","to":"/c"}""");
        await MemoryGateway.ReadProblemAsync(missing, HttpStatusCode.NotFound, "not-found");
        Assert.Equal(["/", "/b", "/moved #1", "/moved #1/x"], gateway.Backend.Paths);
    }

    [Theory]
    [InlineData("", "invalid-request")]
    [InlineData("null", "invalid-request")]
    [InlineData("[]", "invalid-request")]
    [InlineData("""{"from":"/a"}""", "invalid-request")]
    [InlineData("""{"from":"/a","to":null}""", "invalid-request")]
    [InlineData("""{"from":"/a","to":"/b","force":true}""", "invalid-request")]
    [InlineData("""{"from":"/a","to":"/b","overwrite":"yes"}""", "invalid-request")]
    [InlineData("""{"from":"/a","from":"/c","to":"/b"}""", "invalid-request")]
    [InlineData("""{"from":"/a","to":"/b"} trailing""", "invalid-request")]
    [InlineData("""{"from":"/a","to":"/a/b"}""", "invalid-request")]
    [InlineData("""{"from":"/a","to":"/../b"}""", "invalid-path")]
    [InlineData("""{"from":"/a","to":"/b\u0000"}""", "invalid-path")]
    [InlineData("""{"from":"/a","to":"/b\ud800"}""", "invalid-request")]
    [InlineData("""{"from":"/","to":"/b"}""", "invalid-path")]
    [InlineData("""{"from":"/a","to":""}""", "invalid-path")]
    public async Task A_move_that_is_not_understood_is_refused(string body, string name)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);
        using var response = await MoveAsync(gateway, body);
        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.BadRequest, name);
        Assert.Equal(["/", "/a"], gateway.Backend.Paths);
    }

    [Fact]
    public async Task A_move_is_JSON_of_a_sensible_size()
    {
        await using var gateway = await MemoryGateway.StartAsync();

        using var text = await gateway.SendAsync(HttpMethod.Post, "moves", new StringContent("{}", Encoding.UTF8, "text/plain"));
        await MemoryGateway.ReadProblemAsync(text, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        using var large = await MoveAsync(gateway, new string(' ', 100_000));
        await MemoryGateway.ReadProblemAsync(large, HttpStatusCode.RequestEntityTooLarge, "content-too-large");
    }

    private static Task<HttpResponseMessage> MoveAsync(MemoryGateway gateway, string json) =>
        gateway.SendAsync(HttpMethod.Post, "moves", new StringContent(json, Encoding.UTF8, "application/json"));
}
