using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

public sealed class UploadTests
{
    [Fact]
    public async Task A_new_file_is_created_and_the_same_name_again_replaced()
    {
        await using var gateway = await MemoryGateway.StartAsync();

        using var created = await gateway.PutAsync("files/a%20b.txt", "one");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/v1/backends/files/files/a%20b.txt", created.Headers.NonValidated["Location"].ToString());
        Assert.NotNull(created.Headers.ETag);
        Assert.Equal("one", Text(gateway, "/a b.txt"));

        using var replaced = await gateway.PutAsync("files/a%20b.txt", "two");
        Assert.Equal(HttpStatusCode.NoContent, replaced.StatusCode);
        Assert.NotNull(replaced.Headers.ETag);
        Assert.Equal("two", Text(gateway, "/a b.txt"));
        Assert.Equal(0, gateway.Backend.OpenUploads);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(32 * 1024, true)]
    [InlineData(5_000_000, true)]
    [InlineData(5_000_000, false)]
    public async Task Bodies_of_every_size_arrive_byte_for_byte(int size, bool isChunked)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var bytes = RandomNumberGenerator.GetBytes(size);
        using var request = new HttpRequestMessage(HttpMethod.Put, MemoryGateway.Base + "files/a") { Content = new ByteArrayContent(bytes) };
        request.Headers.TransferEncodingChunked = isChunked;

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(bytes, gateway.Backend.Find("/a")!.Content);
    }

    [Fact]
    public async Task Conditions_keep_a_file_that_the_caller_does_not_know()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "old"u8.ToArray());
        using var get = await gateway.GetAsync("files/a");
        var tag = get.Headers.ETag!.ToString();

        await RefusedAsync("a", ("If-None-Match", "*"));
        await RefusedAsync("a", ("If-None-Match", tag));
        await RefusedAsync("a", ("If-Match", "\"x\""));
        await RefusedAsync("a", ("If-Unmodified-Since", DateTimeOffset.UtcNow.AddDays(-1).ToString("R")));
        await RefusedAsync("missing", ("If-Match", "*"));
        await RefusedAsync("missing", ("If-Match", tag));
        Assert.Equal("old", Text(gateway, "/a"));

        using var replaced = await gateway.PutAsync("files/a", "new", ("If-Match", tag));
        Assert.Equal(HttpStatusCode.NoContent, replaced.StatusCode);
        using var created = await gateway.PutAsync("files/b", "new", ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);

        async Task RefusedAsync(string name, params (string, string)[] headers)
        {
            using var response = await gateway.PutAsync("files/" + name, "new", headers);
            await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.PreconditionFailed, "precondition-failed");
        }
    }

    [Fact]
    public async Task Create_only_holds_also_against_a_file_that_appears_meanwhile()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.Before = (operation, _, _) =>
        {
            if (operation == MemoryOperation.Commit)
            {
                gateway.Backend.AddFile("/a", "theirs"u8.ToArray());
            }

            return default;
        };

        using var response = await gateway.PutAsync("files/a", "ours", ("If-None-Match", "*"));

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.PreconditionFailed, "precondition-failed");
        Assert.Equal("theirs", Text(gateway, "/a"));
    }

    [Fact]
    public async Task The_time_of_the_file_is_kept_where_the_caller_tells_it()
    {
        await using var gateway = await MemoryGateway.StartAsync();

        using var own = await gateway.PutAsync("files/a", "x", ("X-Modified", "2024-02-29T10:00:00Z"));
        using var http = await gateway.PutAsync("files/b", "x", ("Last-Modified", "Thu, 29 Feb 2024 10:00:00 GMT"));
        using var wrong = await gateway.PutAsync("files/c", "x", ("X-Modified", "yesterday"));

        Assert.Equal(new DateTimeOffset(2024, 2, 29, 10, 0, 0, TimeSpan.Zero), gateway.Backend.Find("/a")!.Modified);
        Assert.Equal(new DateTimeOffset(2024, 2, 29, 10, 0, 0, TimeSpan.Zero), gateway.Backend.Find("/b")!.Modified);
        await MemoryGateway.ReadProblemAsync(wrong, HttpStatusCode.BadRequest, "invalid-request");
    }

    [Theory]
    [InlineData("Content-Range", "bytes 0-1/2", 400, "invalid-request")]
    [InlineData("Content-Encoding", "gzip", 415, "unsupported-media-type")]
    public async Task What_would_damage_a_file_is_refused(string header, string value, int status, string name)
    {
        await using var gateway = await MemoryGateway.StartAsync();

        using var response = await gateway.PutAsync("files/a", "xx", (header, value));

        await MemoryGateway.ReadProblemAsync(response, (HttpStatusCode)status, name);
        Assert.Null(gateway.Backend.Find("/a"));
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_before_it_is_sent_where_it_is_announced()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:MaxUploadBytes", "1000"));
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync(
            "PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
        var (status, _, body) = await connection.ReadResponseAsync();

        Assert.Equal(413, status);
        Assert.Contains("urn:gateway:problem:content-too-large", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_where_it_is_not_announced()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:MaxUploadBytes", "100000"));
        using var fits = Chunked(100_000);
        using var isTooLong = Chunked(100_001);

        using var accepted = await gateway.Client.SendAsync(fits);
        using var refused = await gateway.Client.SendAsync(isTooLong);

        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
        await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        Assert.Equal(100_000, gateway.Backend.Find("/a")!.Content.Length);
        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 0);

        static HttpRequestMessage Chunked(int size) => new(HttpMethod.Put, MemoryGateway.Base + "files/a")
        {
            Content = new ByteArrayContent(new byte[size]),
            Headers = { TransferEncodingChunked = true },
        };
    }

    [Theory]
    [InlineData("missing/a", 404, "not-found")]
    [InlineData("file/a", 409, "not-a-directory")]
    [InlineData("folder", 409, "is-a-directory")]
    [InlineData("", 409, "is-a-directory")]
    public async Task Nothing_of_the_body_is_asked_for_when_the_target_is_wrong(string path, int status, string name)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/file", []);
        gateway.Backend.AddFolder("/folder");
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync(
            $"PUT /v1/backends/files/files/{path} HTTP/1.1\r\nHost: gateway\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        var (actual, _, body) = await connection.ReadResponseAsync();

        Assert.Equal(status, actual);
        Assert.Contains("urn:gateway:problem:" + name, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_waits_for_100_is_told_to_go_on_once_the_upload_is_open()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync(
            "PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(1, gateway.Backend.OpenUploads);
        await connection.SendAsync("hello");

        Assert.Equal(201, (await connection.ReadResponseAsync()).Status);
        Assert.Equal("hello", Text(gateway, "/a"));
    }

    [Theory]
    [InlineData("Content-Length: 100000\r\n\r\n", 0)]
    [InlineData("Content-Length: 100000\r\n\r\n", 99_999)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n186A0\r\n", 50_000)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n186A0\r\n", 100_000)]
    public async Task A_caller_that_leaves_half_way_leaves_nothing_behind(string head, int sent)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "old"u8.ToArray());
        var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync("PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\n" + head + new string('x', sent));
        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 1);
        await connection.DisposeAsync();

        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 0);
        Assert.Equal("old", Text(gateway, "/a"));

        // The caller's fault is neither the backend's nor worth a warning.
        const string Left = "gateway_transfer_duration_seconds_count{gateway_backend=\"files\",gateway_transfer_direction=\"upload\",gateway_transfer_outcome=\"caller_left\"} 1";
        string metrics;
        do
        {
            metrics = await gateway.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        }
        while (!metrics.Contains("gateway_transfer_outcome", StringComparison.Ordinal));
        Assert.Contains(Left, metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Host.Logs.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task A_caller_that_stops_sending_gets_408_and_leaves_nothing_behind()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:StallTimeout", "00:00:01"));
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync("PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100000\r\n\r\nhello");
        var (status, head, body) = await connection.ReadResponseAsync();

        Assert.Equal(408, status);
        Assert.Contains("urn:gateway:problem:request-timeout", body, StringComparison.Ordinal);
        Assert.Contains("Connection: close", head, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Backend.OpenUploads);
        Assert.Null(gateway.Backend.Find("/a"));
    }

    [Fact]
    public async Task A_slow_caller_is_not_taken_for_a_stalled_one()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:StallTimeout", "00:00:02"));
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync("PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\nContent-Length: 8000\r\n\r\n");
        for (var i = 0; i < 8; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500));
            await connection.SendAsync(new string('a', 1000));
        }

        Assert.Equal(201, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_byte_now_and_then_is_a_stall()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:StallTimeout", "00:00:01"));
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        await connection.SendAsync("PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100000\r\n\r\n");

        var answer = connection.ReadResponseAsync();
        while (!answer.IsCompleted)
        {
            await connection.SendAsync("a");
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(100)));
        }

        Assert.Equal(408, (await answer).Status);
        Assert.Null(gateway.Backend.Find("/a"));
    }

    [Fact]
    public async Task A_failure_of_the_server_is_answered_at_once_and_the_connection_closed()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.Write
            ? throw new BackendException(BackendError.InsufficientStorage, "The disk is full.")
            : default;
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync("PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 40_000));
        var (status, head, body) = await connection.ReadResponseAsync();

        Assert.Equal(507, status);
        Assert.Contains("urn:gateway:problem:insufficient-storage", body, StringComparison.Ordinal);
        Assert.Contains("Connection: close", head, StringComparison.Ordinal);
        Assert.Equal(0, gateway.Backend.OpenUploads);
    }

    [Fact]
    public async Task A_connection_that_dies_while_the_caller_is_slow_is_told_at_once()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync("PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1000000\r\n\r\nhello");
        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 1);
        gateway.Backend.LoseConnections();
        var (status, _, body) = await connection.ReadResponseAsync();

        Assert.Equal(502, status);
        Assert.Contains("urn:gateway:problem:backend-unreachable", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_fails_changes_nothing()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "old"u8.ToArray());
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.Commit
            ? throw new BackendException(BackendError.Timeout, "The server did not answer.")
            : default;

        using var response = await gateway.PutAsync("files/a", "new");

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.GatewayTimeout, "backend-timeout");
        Assert.True(problem.GetProperty("retryable").GetBoolean());
        Assert.Equal("old", Text(gateway, "/a"));
        Assert.Equal(0, gateway.Backend.OpenUploads);
    }

    [Fact]
    public async Task A_read_only_backend_refuses_every_change_before_anything_is_opened()
    {
        await using var gateway = await MemoryGateway.StartAsync(
            ("Backends:files:ReadOnly", "true"), ("Backends:files:Pool:MinConnections", "0"));

        foreach (var (method, path) in new[]
        {
            (HttpMethod.Put, "files/a"), (HttpMethod.Delete, "files/a"), (HttpMethod.Put, "directories/a"),
            (HttpMethod.Delete, "directories/a"), (HttpMethod.Post, "moves"),
        })
        {
            using var response = await gateway.SendAsync(method, path, new ByteArrayContent("x"u8.ToArray()));
            await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Forbidden, "read-only");
        }

        Assert.Equal(0, gateway.Backend.Opened);
    }

    [Fact]
    public async Task A_deleted_file_is_gone_and_a_condition_can_keep_it()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);
        gateway.Backend.AddFolder("/folder");

        using var kept = await gateway.SendAsync(HttpMethod.Delete, "files/a", null, ("If-Match", "\"x\""));
        await MemoryGateway.ReadProblemAsync(kept, HttpStatusCode.PreconditionFailed, "precondition-failed");
        using var deleted = await gateway.SendAsync(HttpMethod.Delete, "files/a");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var again = await gateway.SendAsync(HttpMethod.Delete, "files/a");
        await MemoryGateway.ReadProblemAsync(again, HttpStatusCode.NotFound, "not-found");
        using var folder = await gateway.SendAsync(HttpMethod.Delete, "files/folder");
        await MemoryGateway.ReadProblemAsync(folder, HttpStatusCode.Conflict, "is-a-directory");
    }

    private static string Text(MemoryGateway gateway, string path) => Encoding.UTF8.GetString(gateway.Backend.Find(path)!.Content);
}
