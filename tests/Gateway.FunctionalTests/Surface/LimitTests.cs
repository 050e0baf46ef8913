using System.Globalization;
using System.Net;
using Gateway.Api.Limits;
using Gateway.FunctionalTests.Http;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Surface;

public sealed class LimitTests
{
    [Fact]
    public async Task One_request_too_many_is_told_when_to_come_again()
    {
        // Slow to fill: a busy machine must not get a place back in between.
        await using var gateway = await MemoryGateway.StartAsync(("Limits:RequestsPerMinute", "2"));
        using var first = await gateway.GetAsync("directories/");
        using var second = await gateway.GetAsync("files/missing");
        using var third = await gateway.GetAsync("directories/");
        using var probe = await gateway.GetAsync("/health/ready");
        using var metrics = await gateway.GetAsync("/metrics");

        Assert.Equal("\"requests\";q=2;w=60", Header(first, "RateLimit-Policy"));
        Assert.Equal("\"requests\";r=1;t=30", Header(first, "RateLimit"));
        await MemoryGateway.ReadProblemAsync(second, HttpStatusCode.NotFound, "not-found");
        Assert.Equal("\"requests\";r=0;t=60", Header(second, "RateLimit"));
        var problem = await MemoryGateway.ReadProblemAsync(third, HttpStatusCode.TooManyRequests, "too-many-requests");
        Assert.True(problem.GetProperty("retryable").GetBoolean());
        Assert.Equal("\"requests\";r=0;t=60", Header(third, "RateLimit"));
        Assert.InRange(third.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.False(probe.Headers.Contains("RateLimit"));
        Assert.Equal(HttpStatusCode.OK, metrics.StatusCode);
    }

    [Fact]
    public async Task Without_a_limit_nobody_is_told_of_one()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var response = await gateway.GetAsync("directories/");
        Assert.False(response.Headers.Contains("RateLimit"));
        Assert.False(response.Headers.Contains("RateLimit-Policy"));
    }

    [Fact]
    public async Task Strangers_are_told_apart_by_the_address_that_a_known_proxy_tells()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Limits:RequestsPerMinute", "1"), ("Proxies:Known:0", "127.0.0.1"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("203.0.113.9"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("203.0.113.10"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync("203.0.113.9"));

        // One network of IPv6 is one household.
        Assert.Equal(HttpStatusCode.OK, await AskAsync("2001:db8:1:2::1"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync("2001:db8:1:2:ffff::2"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("2001:db8:1:3::1"));

        async Task<HttpStatusCode> AskAsync(string address)
        {
            using var response = await gateway.GetAsync("directories/", ("X-Forwarded-For", address));
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Who_shows_a_wrong_key_is_counted_as_well()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Limits:RequestsPerMinute", "1"));
        using var wrong = await gateway.GetAsync("directories/", ("X-Api-Key", "gw_wrong"));
        using var again = await gateway.GetAsync("directories/", ("X-Api-Key", "gw_wrong"));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests), (wrong.StatusCode, again.StatusCode));
    }

    [Theory]
    [InlineData("Limits:ConcurrentTransfers", HttpStatusCode.TooManyRequests, "too-many-requests")]
    [InlineData("Limits:MaxTransfers", HttpStatusCode.ServiceUnavailable, "overloaded")]
    public async Task A_transfer_too_many_is_refused_and_its_place_comes_back(string limit, HttpStatusCode status, string name)
    {
        await using var gateway = await MemoryGateway.StartAsync((limit, "1"));
        gateway.Backend.AddFile("/a", new byte[1_000_000]);
        var (isReading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Backend.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.Read && isReading.TrySetResult())
            {
                await goOn.Task.WaitAsync(token);
            }
        };
        var download = gateway.GetAsync("files/a");
        await isReading.Task;

        foreach (var (method, path, accept) in new[] { ("GET", "files/a", "*/*"), ("PUT", "files/b", "*/*"), ("GET", "directories/", "application/zip"), ("GET", "directories/", "application/x-ndjson") })
        {
            using var refused = await gateway.SendAsync(new HttpMethod(method), path, method == "PUT" ? new ByteArrayContent([1]) : null, ("Accept", accept));
            await MemoryGateway.ReadProblemAsync(refused, status, name);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        using var listing = await gateway.GetAsync("directories/");
        using var head = await gateway.SendAsync(HttpMethod.Head, "files/a");
        goOn.SetResult();
        using var response = await download;

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (listing.StatusCode, head.StatusCode));
        Assert.Equal(1_000_000, (await response.Content.ReadAsByteArrayAsync()).Length);
        var limits = gateway.Host.Services.GetRequiredService<TransferLimits>();
        await Eventually.HoldsAsync(() => limits is { Open: 0, Callers: 0 });
        using var next = await gateway.PutAsync("files/b", "x");
        Assert.Equal(HttpStatusCode.Created, next.StatusCode);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("RANGES")]
    public async Task Bytes_go_no_faster_than_their_limit_and_arrive_whole(string method)
    {
        // Less time than the stall timeout for the whole, more for a wait that was counted as a stall.
        const int Rate = 400_000;
        await using var gateway = await MemoryGateway.StartAsync(("Limits:BytesPerSecond", Rate.ToString(CultureInfo.InvariantCulture)));
        var content = new byte[600_000];
        Random.Shared.NextBytes(content);
        gateway.Backend.AddFile("/a", content);
        var begun = TimeProvider.System.GetTimestamp();

        using var response = method switch
        {
            "PUT" => await gateway.SendAsync(HttpMethod.Put, "files/b", new ByteArrayContent(content)),
            "GET" => await gateway.GetAsync("files/a"),
            _ => await gateway.GetAsync("files/a", ("Range", "bytes=0-299999,300000-599998")),
        };
        var body = await response.Content.ReadAsByteArrayAsync();

        // What goes at the start, and between the last byte and the end, is not waited for.
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun).TotalSeconds, 1.2, double.MaxValue);
        Assert.True(response.IsSuccessStatusCode);
        if (method == "GET")
        {
            Assert.Equal(content, body);
        }
        else if (method == "PUT")
        {
            using var stored = await gateway.GetAsync("files/b");
            Assert.Equal(content, await stored.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Of_connections_that_only_begin_the_oldest_make_room()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Limits:MaxIdleConnections", "3"));
        gateway.Backend.AddFile("/a", "content"u8.ToArray());
        var half = new List<RawConnection>();
        for (var i = 0; i < 3; i++)
        {
            half.Add(await RawConnection.OpenAsync(gateway.Host.BaseAddress));
            await half[i].SendAsync("GET /v1/backends HTTP/1.1\r\nX-Slow: ");
            var connections = gateway.Host.Services.GetRequiredService<IdleConnections>();
            await Eventually.HoldsAsync(() => connections.Open == half.Count);
        }

        // Somebody in earnest is let in at once, and gets an answer.
        Assert.Equal("content", await gateway.Client.GetStringAsync(new Uri(MemoryGateway.Base + "files/a", UriKind.Relative)));
        Assert.Empty(await half[0].ReadToEndAsync());
        await half[2].SendAsync("x\r\nHost: x\r\n\r\n");
        Assert.Equal(200, (await half[2].ReadResponseAsync()).Status);
        Assert.Contains(gateway.Host.Logs.Lines, line => line.EventId == 1220);
        foreach (var connection in half)
        {
            await connection.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(33_000, 10, "invalid-request", 414)]
    [InlineData(10, 40_000, "invalid-request", 431)]
    public async Task A_head_that_is_too_large_is_a_problem(int target, int header, string name, int status)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        await connection.SendAsync($"GET /{new string('a', target)} HTTP/1.1\r\nHost: x\r\nX-Long: {new string('a', header)}\r\n\r\n");

        var (code, _, body) = await connection.ReadResponseAsync();

        Assert.Equal(status, code);
        Assert.Contains("urn:gateway:problem:" + name, body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_is_too_large_is_a_problem()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var content = new StringContent($$"""{"from":"/{{new string('a', 70_000)}}","to":"/b"}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await gateway.SendAsync(HttpMethod.Post, "moves", content);
        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "content-too-large");
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.NonValidated[name].ToString();
}
