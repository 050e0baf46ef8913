using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary><c>Want-Repr-Digest</c> of RFC 9530, in HTTP/1.1; <see cref="Http2Tests"/> has the other.</summary>
public sealed class ReprDigestTests
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(1_000_000);

    [Theory]
    [InlineData("sha-256=10", "sha-256")]
    [InlineData("sha-256=1, sha-512=5, md5=10", "sha-512")]
    public async Task The_digest_follows_the_body(string wanted, string algorithm)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        foreach (var content in new[] { Content, [] })
        {
            gateway.Backend.AddFile("/a", content);

            using var response = await gateway.GetAsync("files/a", ("Want-Repr-Digest", wanted), ("TE", "gzip, trailers"));

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("Repr-Digest", response.Headers.Trailer.ToString());
            Assert.True(response.Headers.TransferEncodingChunked);
            Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
            var hash = algorithm == "sha-256" ? SHA256.HashData(content) : SHA512.HashData(content);
            Assert.Equal($"{algorithm}=:{Convert.ToBase64String(hash)}:", response.TrailingHeaders.NonValidated["Repr-Digest"].ToString());
        }
    }

    [Theory]
    [InlineData("nobody asked", null, "trailers", null)]
    [InlineData("no trailers taken", "sha-256=10", null, null)]
    [InlineData("nothing known", "md5=10", "trailers", null)]
    [InlineData("one range", "sha-256=10", "trailers", "bytes=0-9")]
    [InlineData("several ranges", "sha-256=10", "trailers", "bytes=0-9,1000-1009")]
    public async Task Without_a_way_to_arrive_there_is_none_and_the_length_is_told(string why, string? wanted, string? te, string? range)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Content);
        var headers = new List<(string, string)>();
        foreach (var (name, value) in new[] { ("Want-Repr-Digest", wanted), ("TE", te), ("Range", range) })
        {
            if (value is not null)
            {
                headers.Add((name, value));
            }
        }

        using var response = await gateway.GetAsync("files/a", [.. headers]);

        Assert.Equal(range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent, response.StatusCode);
        Assert.NotNull(response.Content.Headers.ContentLength);
        await response.Content.ReadAsByteArrayAsync();
        Assert.False(response.Headers.Contains("Trailer"), why);
        Assert.Empty(response.TrailingHeaders);
    }

    [Fact]
    public async Task HEAD_and_HTTP_1_0_tell_the_length()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Content);
        using var head = await gateway.SendAsync(HttpMethod.Head, "files/a", null, ("Want-Repr-Digest", "sha-256=10"), ("TE", "trailers"));
        Assert.Equal(Content.Length, head.Content.Headers.ContentLength);

        await using var old = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        await old.SendAsync("GET /v1/backends/files/files/a HTTP/1.0\r\nHost: gateway\r\nWant-Repr-Digest: sha-256=10\r\nTE: trailers\r\n\r\n");
        var answer = await old.ReadHeadAsync();
        Assert.Contains("Content-Length: 1000000", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Trailer", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_that_fails_has_no_digest_and_no_end()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Content);
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.ReadEnd
            ? throw new BackendException(BackendError.ConnectionLost, "The connection was lost.")
            : default;
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync("GET /v1/backends/files/files/a HTTP/1.1\r\nHost: gateway\r\nWant-Repr-Digest: sha-256=10\r\nTE: trailers\r\n\r\n");
        Assert.Contains("Transfer-Encoding: chunked", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        var rest = Encoding.Latin1.GetString(await connection.ReadToEndAsync());

        Assert.DoesNotContain("Repr-Digest", rest, StringComparison.Ordinal);
        Assert.False(rest.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
    }
}
