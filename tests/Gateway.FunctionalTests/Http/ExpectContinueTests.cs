using Gateway.Broker.Backends;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary>
/// RFC 9110, section 10.1.1: who waits for 100 is refused without sending the body, and the next request on the connection is never
/// taken for it.
/// </summary>
public sealed class ExpectContinueTests
{
    private const string Digest = "sha-256=:AAAA:";

    public static TheoryData<string, string, int, string> Refusals() => new()
    {
        { "a/b", "", 404, "not-found" },
        { "file/b", "", 409, "not-a-directory" },
        { "folder", "", 409, "is-a-directory" },
        { "", "", 409, "is-a-directory" },
        { "%ff", "", 400, "invalid-path" },
        { "a%2fb", "", 400, "invalid-path" },
        { "file", "If-None-Match: *", 412, "precondition-failed" },
        { "file", "If-Match: \"x\"", 412, "precondition-failed" },
        { "new", "If-Match: *", 412, "precondition-failed" },
        { "new", "If-Match: *\r\nIf-None-Match: *", 412, "precondition-failed" },
        { "file", "If-Match: x", 400, "invalid-request" },
        { "file", "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT", 412, "precondition-failed" },
        { "new", "Content-Range: bytes 0-4/5", 400, "invalid-request" },
        { "new", "Content-Encoding: gzip", 415, "unsupported-media-type" },
        { "new", "X-Modified: yesterday", 400, "invalid-request" },
        { "new", "Content-Digest: " + Digest, 400, "invalid-request" },
        { "new", "Repr-Digest: sha-512", 400, "invalid-request" },
        { "new?parents=yes", "", 400, "invalid-request" },
        { "large", "", 413, "content-too-large" },
        { "denied", "", 403, "permission-denied" },
        { "full", "", 507, "insufficient-storage" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_comes_instead_of_100(string path, string headers, int status, string name)
    {
        await using var gateway = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        var before = gateway.Backend.Paths;

        await connection.SendAsync(Head(path, headers, path == "large" ? 1001 : 5));
        var (actual, head, body) = await connection.ReadResponseAsync();

        Assert.Equal((status, true), (actual, body.Contains($"urn:gateway:problem:{name}\"", StringComparison.Ordinal)));
        Assert.Equal(before, gateway.Backend.Paths);
        Assert.Equal(0, gateway.Backend.OpenUploads);

        // The caller has not sent the body and never will: what comes next must not be taken for it.
        Assert.Contains("Connection: close", head, StringComparison.OrdinalIgnoreCase);
        await connection.SendAsync("PUT /v1/backends/files/files/smuggled HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n");
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.Null(gateway.Backend.Find("/smuggled"));
    }

    [Fact]
    public async Task A_read_only_backend_refuses_before_the_body()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:ReadOnly", "true"));
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync(Head("a", "", 5));

        Assert.Equal(403, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("Content-Length: 5", "hello")]
    [InlineData("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")]
    public async Task A_caller_that_may_go_on_does_so_on_a_connection_that_stays(string framing, string body)
    {
        await using var gateway = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        for (var i = 0; i < 3; i++)
        {
            await connection.SendAsync($"PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: g\r\n{framing}\r\nExpect: 100-continue\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 100", await connection.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Equal(1, gateway.Backend.OpenUploads);
            await connection.SendAsync(body);
            Assert.Equal(i == 0 ? 201 : 204, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Fact]
    public async Task A_caller_that_does_not_wait_gets_the_refusal_though_it_sends()
    {
        await using var gateway = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        // Far more than anybody buffers: the answer has to arrive while the body is still being sent.
        await connection.SendAsync("PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000000\r\n\r\n");
        var sending = SendMuchAsync(connection);
        var (status, head, _) = await connection.ReadResponseAsync();

        Assert.Equal(413, status);
        Assert.Contains("Connection: close", head, StringComparison.OrdinalIgnoreCase);
        await connection.ReadToEndAsync();
        await sending.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task SendMuchAsync(RawConnection connection)
    {
        var block = new string('x', 64 * 1024);
        try
        {
            for (var i = 0; i < 10_000; i++)
            {
                await connection.SendAsync(block);
            }
        }
        catch (IOException)
        {
            // The gateway has closed, as it should.
        }
    }

    private static string Head(string path, string headers, int length) =>
        $"PUT /v1/backends/files/files/{path} HTTP/1.1\r\nHost: g\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n"
        + (headers.Length == 0 ? "\r\n" : headers + "\r\n\r\n");

    private static async Task<MemoryGateway> StartAsync()
    {
        var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:MaxUploadBytes", "1000"));
        gateway.Backend.AddFile("/file", []);
        gateway.Backend.AddFolder("/folder");
        gateway.Backend.Before = (operation, path, _) => (operation, path.Name) switch
        {
            (MemoryOperation.OpenWrite, "denied") => throw new BackendException(BackendError.PermissionDenied, "No."),
            (MemoryOperation.OpenWrite, "full") => throw new BackendException(BackendError.InsufficientStorage, "Full."),
            _ => default,
        };
        await gateway.Host.WaitUntilReadyAsync();
        return gateway;
    }
}
