using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.Http;

/// <summary>Copies, between two backends inside the test: <c>one</c> and <c>two</c>.</summary>
public sealed class CopyTests
{
    private readonly MemoryBackend _one = new();
    private readonly MemoryBackend _two = new();

    [Fact]
    public async Task A_file_is_copied_with_its_time_and_only_replaces_when_told_to()
    {
        await using var gateway = await StartAsync();
        var old = new DateTimeOffset(2024, 2, 29, 10, 0, 0, TimeSpan.Zero);
        _one.AddFile("/a b", "content"u8.ToArray(), old);

        using var created = await CopyAsync(gateway, """{"from":"/a b","to":"/c d"}""");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/v1/backends/one/files/c%20d", created.Headers.NonValidated["Location"].ToString());
        using var entry = await gateway.Client.GetAsync(new Uri("/v1/backends/one/entries/c%20d", UriKind.Relative));
        Assert.Equal(entry.Headers.ETag, created.Headers.ETag);
        Assert.Equal(old, _one.Find("/c d")!.Modified);
        Assert.Equal("content"u8.ToArray(), _one.Find("/c d")!.Content);

        using var refused = await CopyAsync(gateway, """{"from":"/a b","to":"/c d"}""");
        await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.Conflict, "already-exists");
        using var replaced = await CopyAsync(gateway, """{"from":"/a b","to":"/c d","overwrite":true}""");
        Assert.Equal(HttpStatusCode.NoContent, replaced.StatusCode);

        using var across = await CopyAsync(gateway, """{"from":"/a b","to":"/x","toBackend":"two"}""");
        Assert.Equal(HttpStatusCode.Created, across.StatusCode);
        Assert.Equal("/v1/backends/two/files/x", across.Headers.NonValidated["Location"].ToString());
        Assert.Equal("content"u8.ToArray(), _two.Find("/x")!.Content);
        Assert.Equal(["/", "/a b", "/c d"], _one.Paths);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(262_144)]
    [InlineData(5_000_001)]
    public async Task Files_of_every_size_arrive_byte_for_byte(int size)
    {
        await using var gateway = await StartAsync();
        var content = Contract.Payload.Create(size);
        _one.AddFile("/a", content);

        using var response = await CopyAsync(gateway, """{"from":"/a","to":"/b","toBackend":"two"}""");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(content, _two.Find("/b")!.Content);
    }

    public static TheoryData<string, int, string> Refusals() => new()
    {
        { """{"from":"/missing","to":"/b"}""", 404, "not-found" },
        { """{"from":"/a","to":"/missing/b"}""", 404, "not-found" },
        { """{"from":"/a","to":"/b","toBackend":"nobody"}""", 404, "backend-not-found" },
        { """{"from":"/a","to":"/b","toBackend":"ONE"}""", 404, "backend-not-found" },
        { """{"from":"/a","to":"/b","toBackend":"locked"}""", 403, "read-only" },
        { """{"from":"/folder","to":"/b"}""", 409, "is-a-directory" },
        { """{"from":"/a","to":"/folder","overwrite":true}""", 409, "is-a-directory" },
        { """{"from":"/a","to":"/a/b"}""", 409, "not-a-directory" },
        { """{"from":"/a","to":"/a"}""", 400, "invalid-request" },
        { """{"from":"/a","to":"a","overwrite":true}""", 400, "invalid-request" },
        { """{"from":"/a","to":"/b","toBackend":"small"}""", 413, "content-too-large" },
        { """{"from":"/a"}""", 400, "invalid-request" },
        { """{"from":"/a","to":null}""", 400, "invalid-request" },
        { """{"from":"/a","to":"/b","deep":true}""", 400, "invalid-request" },
        { """{"from":"/folder","to":"/folder/x","recursive":true}""", 400, "invalid-request" },
        { """{"from":"/folder","to":"/a","recursive":true,"overwrite":true}""", 409, "already-exists" },
        { """{"from":"/folder","to":"/no/x","recursive":true}""", 404, "not-found" },
        { """{"from":"/no","to":"/x","recursive":true}""", 404, "not-found" },
        { """{"from":"/a","to":"/../b"}""", 400, "invalid-path" },
        { """{"from":"/","to":"/b"}""", 400, "invalid-path" },
        { """{"from":"/a","to":"/"}""", 400, "invalid-path" },
        { "[]", 400, "invalid-request" },
        { "", 400, "invalid-request" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_copy_that_cannot_be_made_changes_nothing(string body, int status, string name)
    {
        await using var gateway = await StartAsync(("Backends:locked:ReadOnly", "true"), ("Backends:small:Transfers:MaxUploadBytes", "3"));
        _one.AddFile("/a", "content"u8.ToArray());
        _one.AddFolder("/folder");

        using var response = await CopyAsync(gateway, body);

        await MemoryGateway.ReadProblemAsync(response, (HttpStatusCode)status, name);
        Assert.Equal(["/", "/a", "/folder"], _one.Paths);
        Assert.Equal((0, 0), (_one.OpenUploads, _one.OpenReads));
    }

    [Fact]
    public async Task A_copy_is_JSON()
    {
        await using var gateway = await StartAsync();
        using var text = new StringContent("""{"from":"/a","to":"/b"}""", Encoding.UTF8, "text/plain");
        using var response = await gateway.Client.PostAsync(new Uri("/v1/backends/one/copies", UriKind.Relative), text);
        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    [Fact]
    public async Task Conditions_are_judged_on_the_file_that_is_copied()
    {
        await using var gateway = await StartAsync();
        _one.AddFile("/a", "content"u8.ToArray());
        using var entry = await gateway.Client.GetAsync(new Uri("/v1/backends/one/entries/a", UriKind.Relative));

        using var refused = await CopyAsync(gateway, """{"from":"/a","to":"/b"}""", "\"x\"");
        await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.PreconditionFailed, "precondition-failed");
        using var taken = await CopyAsync(gateway, """{"from":"/a","to":"/b"}""", entry.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
    }

    [Fact]
    public async Task A_failure_on_the_other_side_names_it()
    {
        await using var gateway = await StartAsync();
        _one.AddFile("/a", new byte[500_000]);
        foreach (var failing in new[] { MemoryOperation.OpenWrite, MemoryOperation.Write, MemoryOperation.Commit })
        {
            _two.Before = (operation, _, _) => operation == failing ? throw new BackendException(BackendError.InsufficientStorage, "It is full.") : default;

            using var response = await CopyAsync(gateway, """{"from":"/a","to":"/b","toBackend":"two"}""");

            var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.InsufficientStorage, "insufficient-storage");
            Assert.Equal("On the backend 'two': It is full.", problem.GetProperty("detail").GetString());
        }

        Assert.Equal(["/"], _two.Paths);
        Assert.Equal((0, 0), (_two.OpenUploads, _one.OpenReads));
    }

    [Fact]
    public async Task A_file_that_ends_early_is_not_copied()
    {
        await using var gateway = await StartAsync();
        _one.Add("/a", new MemoryNode { Type = RemoteEntryType.File, Content = new byte[1000], ClaimedSize = 2000, Modified = DateTimeOffset.UnixEpoch });

        using var response = await CopyAsync(gateway, """{"from":"/a","to":"/b","toBackend":"two"}""");

        Assert.True((int)response.StatusCode >= 400);
        Assert.Equal(["/"], _two.Paths);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_copy()
    {
        await using var gateway = await StartAsync();
        _one.AddFile("/a", new byte[1_000_000]);
        var reached = new TaskCompletionSource();
        _two.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.Write)
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        using var leaving = new CancellationTokenSource();
        var copying = CopyAsync(gateway, """{"from":"/a","to":"/b","toBackend":"two"}""", cancellationToken: leaving.Token);

        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, _two.OpenUploads);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying);
        await Eventually.HoldsAsync(() => _two.OpenUploads == 0 && _one.OpenReads == 0);
        Assert.Equal(["/"], _two.Paths);
    }

    [Fact]
    public async Task Copies_between_backends_of_one_connection_each_never_wait_for_each_other()
    {
        _one.IsShareable = _two.IsShareable = false;
        await using var gateway = await StartAsync(
            ("Backends:one:Pool:MaxConnections", "1"), ("Backends:two:Pool:MaxConnections", "1"),
            ("Backends:one:Pool:AcquireTimeout", "00:00:30"), ("Backends:two:Pool:AcquireTimeout", "00:00:30"));
        _one.AddFile("/a", new byte[100_000]);
        _two.AddFile("/a", new byte[100_000]);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => i % 2 == 0
            ? CopyAsync(gateway, $$"""{"from":"/a","to":"/{{i}}","toBackend":"two"}""")
            : CopyAsync(gateway, $$"""{"from":"/a","to":"/{{i}}","toBackend":"one"}""", backend: "two")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task Copies_within_a_backend_of_few_connections_never_wait_for_each_other()
    {
        _one.IsShareable = false;
        await using var gateway = await StartAsync(("Backends:one:Pool:MaxConnections", "3"), ("Backends:one:Pool:AcquireTimeout", "00:00:30"));
        _one.AddFile("/a", new byte[100_000]);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => CopyAsync(gateway, $$"""{"from":"/a","to":"/{{i}}"}""")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.True(_one.Opened <= 3);
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task A_backend_that_may_have_one_connection_says_so()
    {
        _one.IsShareable = false;
        await using var gateway = await StartAsync(("Backends:one:Pool:MaxConnections", "1"));
        _one.AddFile("/a", []);

        using var response = await CopyAsync(gateway, """{"from":"/a","to":"/b"}""");

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.NotImplemented, "not-supported");
        Assert.Contains("Pool:MaxConnections", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_within_a_shareable_backend_takes_one_connection()
    {
        await using var gateway = await StartAsync(("Backends:one:Pool:MaxConnections", "1"), ("Backends:one:Pool:LeasesPerConnection", "1"));
        _one.AddFile("/a", new byte[1_000_000]);

        using var response = await CopyAsync(gateway, """{"from":"/a","to":"/b"}""");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(1, _one.Opened);
    }

    [Fact]
    public async Task A_warm_connection_that_is_dead_is_replaced_unseen()
    {
        await using var gateway = await StartAsync(("Backends:two:Pool:MinConnections", "1"));
        _one.AddFile("/a", new byte[1000]);
        await gateway.WaitUntilReadyAsync();
        var failures = 0;
        _two.Before = (operation, _, _) => operation == MemoryOperation.OpenWrite && Interlocked.Increment(ref failures) == 1
            ? throw new BackendException(BackendError.ConnectionLost, "It is gone.")
            : default;

        using var response = await CopyAsync(gateway, """{"from":"/a","to":"/b","toBackend":"two"}""");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(2, failures);
    }

    [Fact]
    public async Task The_listing_of_the_other_backend_shows_the_copy()
    {
        await using var gateway = await StartAsync(("Backends:two:Listing:CacheDuration", "00:10:00"));
        _one.AddFile("/a", []);
        var url = new Uri("/v1/backends/two/directories/", UriKind.Relative);
        Assert.DoesNotContain("copy", await gateway.Client.GetStringAsync(url), StringComparison.Ordinal);

        using var response = await CopyAsync(gateway, """{"from":"/a","to":"/copy","toBackend":"two"}""");

        var listing = JsonDocument.Parse(await gateway.Client.GetStringAsync(url)).RootElement;
        Assert.Equal("copy", listing.GetProperty("entries")[0].GetProperty("name").GetString());
    }

    private static async Task<HttpResponseMessage> CopyAsync(
        GatewayHost gateway, string json, string? ifMatch = null, string backend = "one", CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/backends/{backend}/copies")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await gateway.Client.SendAsync(request, cancellationToken);
    }

    private Task<GatewayHost> StartAsync(params (string Key, string? Value)[] settings) => GatewayHost.StartAsync(
        new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["one"] = _one, ["two"] = _two, ["locked"] = new(), ["small"] = new() },
        settings.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal));
}
