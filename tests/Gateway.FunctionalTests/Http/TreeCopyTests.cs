using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.Http;

/// <summary>Copies of whole folders, from the backend <c>one</c> to itself and to <c>two</c>.</summary>
public sealed class TreeCopyTests
{
    private readonly MemoryBackend _one = new();
    private readonly MemoryBackend _two = new();

    [Theory]
    [InlineData("one", true)]
    [InlineData("two", true)]
    [InlineData("one", false)]
    [InlineData("two", false)]
    public async Task A_folder_is_copied_with_everything_in_it(string target, bool isShareable)
    {
        _one.IsShareable = _two.IsShareable = isShareable;
        await using var gateway = await StartAsync();
        FillTree();

        using var response = await CopyAsync(gateway, "/tree", "/copy", target);
        var document = await MemoryGateway.ReadJsonAsync(response);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"/v1/backends/{target}/directories/copy", response.Headers.NonValidated["Location"].ToString());
        Assert.Equal(
            $$"""{"backend":"{{target}}","path":"/copy","folders":3,"files":61,"bytes":60,"skipped":1}""", document.ToString());
        var backend = target == "one" ? _one : _two;
        Assert.Equal(
            _one.Paths.Where(path => path.StartsWith("/tree", StringComparison.Ordinal) && path != "/tree/link").Select(path => "/copy" + path[5..]),
            backend.Paths.Where(path => path.StartsWith("/copy", StringComparison.Ordinal)));
        Assert.Equal(_one.Find("/tree/a b/7")!.Modified, backend.Find("/copy/a b/7")!.Modified);
        Assert.Equal(_one.Find("/tree/a b/7")!.Content, backend.Find("/copy/a b/7")!.Content);
    }

    [Fact]
    public async Task A_folder_joins_another_only_when_told_to()
    {
        await using var gateway = await StartAsync();
        FillTree();
        _two.AddFile("/copy/a b/7", "theirs"u8.ToArray());
        _two.AddFile("/copy/other", []);

        using var refused = await CopyAsync(gateway, "/tree", "/copy", "two");
        var problem = await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.Conflict, "already-exists");
        Assert.Equal(0, problem.GetProperty("copied").GetInt32());
        Assert.Equal("theirs"u8.ToArray(), _two.Find("/copy/a b/7")!.Content);

        using var joined = await CopyAsync(gateway, "/tree", "/copy", "two", overwrite: true);
        Assert.Equal(HttpStatusCode.Created, joined.StatusCode);
        Assert.Equal(_one.Find("/tree/a b/7")!.Content, _two.Find("/copy/a b/7")!.Content);
        Assert.NotNull(_two.Find("/copy/other"));
    }

    [Fact]
    public async Task A_failure_in_the_middle_is_told_and_leaves_no_part_of_a_file()
    {
        _one.IsShareable = _two.IsShareable = false;
        await using var gateway = await StartAsync();
        FillTree();
        var commits = 0;
        _two.Before = (operation, _, _) => operation == MemoryOperation.Commit && ++commits == 11
            ? throw new BackendException(BackendError.InsufficientStorage, "It is full.")
            : default;

        using var response = await CopyAsync(gateway, "/tree", "/copy", "two");

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.InsufficientStorage, "insufficient-storage");
        Assert.Equal(10, problem.GetProperty("copied").GetInt32());
        Assert.Equal(10, _two.Paths.Count(path => _two.Find(path)!.Type == RemoteEntryType.File));
        Assert.Equal(0, _two.OpenUploads);
    }

    [Fact]
    public async Task What_cannot_be_copied_is_found_before_anything_is_written()
    {
        await using var gateway = await StartAsync();
        FillTree();
        _one.OddEntries[RemotePath.Parse("/tree/c")] = [new RemoteEntry { Name = "a\\nb", Type = RemoteEntryType.File }];
        using var odd = await CopyAsync(gateway, "/tree", "/copy", "two");
        await MemoryGateway.ReadProblemAsync(odd, HttpStatusCode.BadRequest, "invalid-path");

        _one.OddEntries.Clear();
        _one.Before = (operation, path, _) => operation == MemoryOperation.List && path.Name == "c"
            ? throw new BackendException(BackendError.PermissionDenied, "No.")
            : default;
        using var unreadable = await CopyAsync(gateway, "/tree", "/copy", "two");
        await MemoryGateway.ReadProblemAsync(unreadable, HttpStatusCode.Forbidden, "permission-denied");
        Assert.Equal(["/"], _two.Paths);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_copying()
    {
        await using var gateway = await StartAsync();
        FillTree();
        var reached = new TaskCompletionSource();
        _two.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.OpenWrite)
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        using var leaving = new CancellationTokenSource();
        var copying = CopyAsync(gateway, "/tree", "/copy", "two", cancellationToken: leaving.Token);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying);
        await Eventually.HoldsAsync(() => _one.OpenReads == 0 && _two.OpenUploads == 0);
        Assert.DoesNotContain(_two.Paths, path => _two.Find(path)!.Type == RemoteEntryType.File);
    }

    [Fact]
    public async Task With_recursive_a_file_is_copied_as_without()
    {
        await using var gateway = await StartAsync();
        _one.AddFile("/a", "x"u8.ToArray());
        using var response = await CopyAsync(gateway, "/a", "/b", "two");
        Assert.Equal((HttpStatusCode.Created, "/v1/backends/two/files/b"), (response.StatusCode, response.Headers.NonValidated["Location"].ToString()));
    }

    private void FillTree()
    {
        _one.AddFolder("/tree/empty");
        _one.AddFile("/tree/c/none", []);
        _one.Add("/tree/link", new MemoryNode { Type = RemoteEntryType.Symlink, Target = RemotePath.Parse("/tree/c") });
        for (var i = 0; i < 60; i++)
        {
            _one.AddFile($"/tree/a b/{i}", [(byte)i]);
        }
    }

    private static async Task<HttpResponseMessage> CopyAsync(
        GatewayHost gateway, string from, string to, string toBackend, bool overwrite = false, CancellationToken cancellationToken = default) =>
        await gateway.Client.PostAsJsonAsync("/v1/backends/one/copies", new { from, to, toBackend, overwrite, recursive = true }, JsonSerializerOptions.Web, cancellationToken);

    private Task<GatewayHost> StartAsync() => GatewayHost.StartAsync(
        new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["one"] = _one, ["two"] = _two });
}
