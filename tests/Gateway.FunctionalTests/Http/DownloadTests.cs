using System.Net;
using System.Security.Cryptography;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

public sealed class DownloadTests
{
    private static readonly byte[] Alphabet = "abcdefghijklmnopqrstuvwxyz"u8.ToArray();

    [Fact]
    public async Task A_file_comes_back_whole_with_everything_that_describes_it()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var content = RandomNumberGenerator.GetBytes(300_000);
        gateway.Backend.AddFile("/reports/annual.pdf", content, new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero));

        using var response = await gateway.GetAsync("files/reports/annual.pdf");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(content.Length, response.Content.Headers.ContentLength);
        Assert.Equal("application/pdf", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Sat, 01 Mar 2025 12:00:00 GMT", response.Content.Headers.NonValidated["Last-Modified"].ToString());
        Assert.Equal("attachment; filename=\"annual.pdf\"", response.Content.Headers.NonValidated["Content-Disposition"].ToString());
        Assert.Equal("nosniff", response.Headers.NonValidated["X-Content-Type-Options"].ToString());
        Assert.StartsWith("sandbox; default-src 'none'", response.Headers.NonValidated["Content-Security-Policy"].ToString(), StringComparison.Ordinal);
        Assert.Equal("bytes", response.Headers.AcceptRanges.ToString());
        Assert.False(response.Headers.ETag!.IsWeak);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(3_000_000)]
    public async Task Files_of_every_size_come_back_byte_for_byte(int size)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var content = RandomNumberGenerator.GetBytes(size);
        gateway.Backend.AddFile("/a", content);

        using var response = await gateway.GetAsync("files/a");

        Assert.Equal(size, response.Content.Headers.ContentLength);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0);
    }

    [Theory]
    [InlineData("bytes=0-4", 0, 5)]
    [InlineData("bytes=20-", 20, 6)]
    [InlineData("bytes=-3", 23, 3)]
    [InlineData("bytes=-100", 0, 26)]
    [InlineData("bytes=25-99999999999999999999", 25, 1)]
    [InlineData("BYTES=1-1", 1, 1)]
    public async Task One_range_is_answered_with_just_that(string range, int offset, int length)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Alphabet);

        using var response = await gateway.GetAsync("files/a", ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(Alphabet[offset..(offset + length)], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(length, response.Content.Headers.ContentLength);
        Assert.Equal($"bytes {offset}-{offset + length - 1}/26", response.Content.Headers.NonValidated["Content-Range"].ToString());
        Assert.NotNull(response.Headers.ETag);
    }

    [Theory]
    [InlineData("bytes=26-")]
    [InlineData("bytes=100-200")]
    [InlineData("bytes=-0")]
    public async Task A_range_behind_the_end_is_told_the_size(string range)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Alphabet);

        using var response = await gateway.GetAsync("files/a", ("Range", range));

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.RequestedRangeNotSatisfiable, "range-not-satisfiable");
        Assert.Equal("bytes */26", response.Content.Headers.NonValidated["Content-Range"].ToString());
    }

    [Theory]
    [InlineData("bytes=5-4")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=5")]
    [InlineData("lines=0-4")]
    [InlineData("bytes=0-1, 5")]
    public async Task A_range_that_is_not_understood_is_ignored(string range)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Alphabet);

        using var response = await gateway.GetAsync("files/a", ("Range", range));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Alphabet, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Conditions_are_judged_in_the_order_of_the_RFC()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var modified = new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
        gateway.Backend.AddFile("/a", Alphabet, modified);
        using var first = await gateway.GetAsync("files/a");
        var tag = first.Headers.ETag!.ToString();
        var (same, before, after) = (modified.ToString("R"), modified.AddSeconds(-1).ToString("R"), modified.AddDays(1).ToString("R"));

        await ExpectAsync(304, ("If-None-Match", tag));
        await ExpectAsync(304, ("If-None-Match", "\"x\", W/" + tag));
        await ExpectAsync(304, ("If-None-Match", "*"));
        await ExpectAsync(200, ("If-None-Match", "\"x\""));
        await ExpectAsync(304, ("If-Modified-Since", same));
        await ExpectAsync(304, ("If-Modified-Since", after));
        await ExpectAsync(200, ("If-Modified-Since", before));
        await ExpectAsync(200, ("If-Modified-Since", "not a date"));
        await ExpectAsync(200, ("If-None-Match", "\"x\""), ("If-Modified-Since", after));
        await ExpectAsync(200, ("If-Match", tag));
        await ExpectAsync(200, ("If-Match", "*"));
        await ExpectAsync(412, ("If-Match", "\"x\""));
        await ExpectAsync(412, ("If-Match", "W/" + tag));
        await ExpectAsync(412, ("If-Unmodified-Since", before));
        await ExpectAsync(200, ("If-Unmodified-Since", same));
        await ExpectAsync(200, ("If-Match", tag), ("If-Unmodified-Since", before));
        await ExpectAsync(412, ("If-Match", "\"x\""), ("If-None-Match", tag));
        await ExpectAsync(304, ("If-None-Match", tag), ("Range", "bytes=0-1"));
        await ExpectAsync(206, ("If-Range", tag), ("Range", "bytes=0-1"));
        await ExpectAsync(200, ("If-Range", "W/" + tag), ("Range", "bytes=0-1"));
        await ExpectAsync(200, ("If-Range", "\"x\""), ("Range", "bytes=99-"));
        await ExpectAsync(206, ("If-Range", same), ("Range", "bytes=0-1"));
        await ExpectAsync(200, ("If-Range", after), ("Range", "bytes=0-1"));
        await ExpectAsync(400, ("If-Match", "unquoted"));

        async Task ExpectAsync(int status, params (string, string)[] headers)
        {
            using var response = await gateway.GetAsync("files/a", headers);
            Assert.True(status == (int)response.StatusCode, $"{string.Join(' ', headers)}: {(int)response.StatusCode}");
            if (status == 304)
            {
                Assert.Equal(tag, response.Headers.ETag!.ToString());
                Assert.Empty(await response.Content.ReadAsByteArrayAsync());
            }
        }
    }

    [Fact]
    public async Task The_tag_is_weak_while_the_file_could_still_change_within_its_second()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/young", Alphabet, DateTimeOffset.UtcNow);
        gateway.Backend.AddFile("/coarse", Alphabet);
        gateway.Backend.Add("/coarse", gateway.Backend.Find("/coarse")! with { IsModifiedApproximate = true });

        using var young = await gateway.GetAsync("files/young");
        using var coarse = await gateway.GetAsync("files/coarse");

        Assert.True(young.Headers.ETag!.IsWeak);
        Assert.Null(coarse.Headers.ETag);
        Assert.False(coarse.Content.Headers.Contains("Last-Modified"));
    }

    [Fact]
    public async Task HEAD_answers_as_GET_does_without_the_body()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a.txt", Alphabet);
        foreach (var headers in new (string, string)[][] { [], [("If-None-Match", "*")], [("If-Match", "\"x\"")] })
        {
            foreach (var path in new[] { "files/a.txt", "files/missing", "files/", "files/%ff" })
            {
                using var get = await gateway.GetAsync(path, headers);
                using var head = await gateway.SendAsync(HttpMethod.Head, path, null, headers);

                Assert.Equal(get.StatusCode, head.StatusCode);
                Assert.Equal(Describe(get), Describe(head));
                Assert.Empty(await head.Content.ReadAsByteArrayAsync());
            }
        }

        static string Describe(HttpResponseMessage response) => string.Join('\n', response.Headers.NonValidated
            .Concat(response.Content.Headers.NonValidated)
            .Where(header => header.Key != "Date")
            .Select(header => $"{header.Key}: {header.Value}")
            .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("plain.txt", "attachment; filename=\"plain.txt\"")]
    [InlineData("a\"b\\c%.txt", "attachment; filename=\"a_b_c_.txt\"; filename*=UTF-8''a%22b%5Cc%25.txt")]
    [InlineData("naïve 文.txt", "attachment; filename=\"na_ve _.txt\"; filename*=UTF-8''na%C3%AFve%20%E6%96%87.txt")]
    public async Task A_name_reaches_the_browser_and_never_the_header_raw(string name, string expected)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/" + name, Alphabet);

        using var response = await gateway.GetAsync("files/" + Uri.EscapeDataString(name));
        using var inline = await gateway.GetAsync("files/" + Uri.EscapeDataString(name) + "?disposition=inline");

        Assert.Equal(expected, response.Content.Headers.NonValidated["Content-Disposition"].ToString());
        Assert.Equal(expected.Replace("attachment", "inline", StringComparison.Ordinal), inline.Content.Headers.NonValidated["Content-Disposition"].ToString());
    }

    [Fact]
    public async Task A_failure_before_the_first_byte_is_a_status()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Alphabet);
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.Read
            ? throw new BackendException(BackendError.PermissionDenied, "The server refused.")
            : default;

        using var response = await gateway.GetAsync("files/a");

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Forbidden, "permission-denied");
        Assert.Equal("files", problem.GetProperty("backend").GetString());
        Assert.Equal("/a", problem.GetProperty("path").GetString());
        Assert.False(response.Headers.Contains("ETag"));
    }

    [Fact]
    public async Task An_end_that_the_server_does_not_confirm_is_a_status_for_a_small_file()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Alphabet);
        gateway.Backend.Before = FailAt(MemoryOperation.ReadEnd);

        using var response = await gateway.GetAsync("files/a");

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.BadGateway, "backend-unreachable");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_that_the_server_does_not_confirm_looks_truncated(bool hasSize)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", new byte[500_000]);
        gateway.Backend.Add("/a", gateway.Backend.Find("/a")! with { HasSize = hasSize });
        gateway.Backend.Before = FailAt(MemoryOperation.ReadEnd);

        using var response = await gateway.GetAsync("files/a");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0);
    }

    [Fact]
    public async Task A_failure_half_way_looks_truncated_and_is_logged_once_with_its_trace_id()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", new byte[1_000_000]);
        var reads = 0;
        gateway.Backend.Before = (operation, path, token) => operation == MemoryOperation.Read && Interlocked.Increment(ref reads) == 5
            ? FailAt(MemoryOperation.Read)(operation, path, token)
            : default;

        using var response = await gateway.GetAsync("files/a", ("traceparent", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"));
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());

        await Eventually.HoldsAsync(() => gateway.Host.Logs.Lines.Any(line => line.EventId == 1101));
        var line = Assert.Single(gateway.Host.Logs.Lines, line => line.EventId == 1101);
        Assert.Contains("0123456789abcdef0123456789abcdef", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_unknown_size_comes_chunked_and_without_ranges()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Alphabet);
        gateway.Backend.Add("/a", gateway.Backend.Find("/a")! with { HasSize = false });

        using var response = await gateway.GetAsync("files/a", ("Range", "bytes=0-1"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.Equal("none", response.Headers.AcceptRanges.ToString());
        Assert.Equal(Alphabet, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_file_longer_than_announced_is_not_cut_to_size()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Alphabet);
        gateway.Backend.Add("/a", gateway.Backend.Find("/a")! with { ClaimedSize = 20 });

        using var response = await gateway.GetAsync("files/a");

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.BadGateway, "backend-protocol-error");
    }

    [Fact]
    public async Task A_file_shorter_than_announced_looks_truncated()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Alphabet);
        gateway.Backend.Add("/a", gateway.Backend.Find("/a")! with { ClaimedSize = 30 });

        var failure = await Record.ExceptionAsync(async () =>
        {
            using var response = await gateway.GetAsync("files/a");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsByteArrayAsync();
        });

        Assert.IsType<HttpRequestException>(failure);
    }

    [Fact]
    public async Task A_caller_that_stops_reading_is_cut_off_and_frees_what_it_held()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:StallTimeout", "00:00:01"));
        gateway.Backend.AddFile("/a", new byte[64 * 1024 * 1024]);
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress, receiveBuffer: 4096);

        await connection.SendAsync("GET /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await connection.ReadHeadAsync(), StringComparison.Ordinal);

        await Eventually.HoldsAsync(() => gateway.Host.Logs.Lines.Any(line => line.EventId == 1300));
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0);
        Assert.True((await connection.ReadToEndAsync()).Length < 64 * 1024 * 1024);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_transfer_and_nothing_is_reported()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", new byte[1_000_000]);
        var isReading = new TaskCompletionSource();
        gateway.Backend.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.Read && isReading.TrySetResult())
            {
                await Task.Delay(Timeout.Infinite, token);
            }
        };

        var before = gateway.Host.Logs.Lines.Count;
        var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        await connection.SendAsync("GET /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\n\r\n");
        await isReading.Task;
        await connection.DisposeAsync();

        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0);
        Assert.DoesNotContain(gateway.Host.Logs.Lines.Skip(before), line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task A_folder_is_no_file()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFolder("/folder");

        using var response = await gateway.GetAsync("files/folder");
        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Conflict, "is-a-directory");
        using var missing = await gateway.GetAsync("files/missing");
        await MemoryGateway.ReadProblemAsync(missing, HttpStatusCode.NotFound, "not-found");
    }

    private static Func<MemoryOperation, RemotePath, CancellationToken, ValueTask> FailAt(MemoryOperation when) => (operation, _, _) =>
        operation == when ? throw new BackendException(BackendError.ConnectionLost, "The connection was lost.") : default;
}
