using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary>RFC 9530 on uploads: a body that is not the announced one never becomes a file.</summary>
public sealed class DigestTests
{
    private const string Body = "Hello, world!";

    private static readonly string Sha256Of = $"sha-256=:{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Body)))}:";
    private static readonly string Sha512Of = $"sha-512=:{Convert.ToBase64String(SHA512.HashData(Encoding.UTF8.GetBytes(Body)))}:";
    private static readonly string Sha256OfOther = $"sha-256=:{Convert.ToBase64String(SHA256.HashData("other"u8))}:";
    private static readonly string Sha512OfOther = $"sha-512=:{Convert.ToBase64String(SHA512.HashData("other"u8))}:";

    public static TheoryData<string, string, int> Fields() => new()
    {
        { "Content-Digest", Sha256Of, 201 },
        { "Repr-Digest", Sha256Of, 201 },
        { "content-digest", Sha512Of, 201 },
        { "Repr-Digest", $"{Sha512Of}, {Sha256Of}", 201 },
        { "Repr-Digest", $"{Sha512Of} ,\t{Sha256Of};note=\"x\"", 201 },
        { "Content-Digest", "", 201 },

        // Section 2: unknown algorithms are ignored, whatever their value is.
        { "Content-Digest", "md5=:AAAA:", 201 },
        { "Content-Digest", $"unixsum=1, sha=token, id-sha-256=:AA:, x=(1 2);a, y, z=?0, d=@1700000000, f=-1.5, s=\"a\\\"b\", u=%\"%c3%bc\", {Sha256Of}", 201 },

        { "Content-Digest", Sha256OfOther, 422 },
        { "Repr-Digest", Sha256OfOther, 422 },
        { "Content-Digest", Sha512OfOther, 422 },
        { "Content-Digest", $"{Sha256Of}, {Sha512OfOther}", 422 },
        { "Content-Digest", $"{Sha512Of}, {Sha256OfOther}", 422 },

        // RFC 9651, section 4.2.2: of a key that comes twice the last value counts.
        { "Content-Digest", $"{Sha256OfOther}, {Sha256Of}", 201 },
        { "Content-Digest", $"{Sha256Of}, {Sha256OfOther}", 422 },

        { "Content-Digest", "sha-256", 400 },
        { "Content-Digest", "sha-256=abc", 400 },
        { "Content-Digest", "sha-256=:AAAA:", 400 },
        { "Content-Digest", "sha-256=::", 400 },
        { "Content-Digest", "sha-256=:!!!!:", 400 },
        { "Content-Digest", "sha-256=" + new string('a', 64), 400 },
        { "Content-Digest", Sha256Of + ",", 400 },
        { "Content-Digest", Sha256Of.TrimEnd(':'), 400 },
        { "Content-Digest", "SHA-256=" + Sha256Of[8..], 400 },
        { "Repr-Digest", $"{Sha256Of} {Sha512Of}", 400 },
        { "Repr-Digest", "=:AAAA:", 400 },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_digest_is_compared_before_the_file_gets_its_name(string field, string value, int status)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var commits = 0;
        gateway.Backend.Before = (operation, _, _) =>
        {
            commits += operation == MemoryOperation.Commit ? 1 : 0;
            return default;
        };

        using var response = await gateway.PutAsync("files/a", Body, (field, value));

        switch (status)
        {
            case 422:
                await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.UnprocessableEntity, "digest-mismatch");
                break;
            case 400:
                await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.BadRequest, "invalid-request");
                break;
            default:
                Assert.Equal(status, (int)response.StatusCode);
                break;
        }

        Assert.Equal(status == 201 ? 1 : 0, commits);
        Assert.Equal(status == 201, gateway.Backend.Find("/a") is not null);
        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 0);
    }

    [Fact]
    public async Task Both_fields_count()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var one = await gateway.PutAsync("files/a", Body, ("Content-Digest", Sha256Of), ("Repr-Digest", Sha512OfOther));
        using var other = await gateway.PutAsync("files/a", Body, ("Content-Digest", Sha256OfOther), ("Repr-Digest", Sha512Of));
        using var both = await gateway.PutAsync("files/a", Body, ("Content-Digest", Sha256Of), ("Repr-Digest", Sha512Of));

        await MemoryGateway.ReadProblemAsync(one, HttpStatusCode.UnprocessableEntity, "digest-mismatch");
        await MemoryGateway.ReadProblemAsync(other, HttpStatusCode.UnprocessableEntity, "digest-mismatch");
        Assert.Equal(HttpStatusCode.Created, both.StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5_000_001)]
    public async Task Digests_are_right_for_bodies_of_every_size(int size)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var bytes = RandomNumberGenerator.GetBytes(size);
        var digest = $"sha-512=:{Convert.ToBase64String(SHA512.HashData(bytes))}:";
        using var content = new ByteArrayContent(bytes);

        using var response = await gateway.SendAsync(HttpMethod.Put, "files/a", content, ("Content-Digest", digest), ("Want-Repr-Digest", "sha-512=1"));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(digest, response.Headers.GetValues("Repr-Digest").Single());
    }

    [Theory]
    [InlineData("sha-256=10", "sha-256")]
    [InlineData("sha-256=1, sha-512=2", "sha-512")]
    [InlineData("sha-256=3, sha-512=0", "sha-256")]
    [InlineData("sha-512=0", null)]
    [InlineData("md5=10, sha-512=3", "sha-512")]
    [InlineData("md5=10", null)]
    [InlineData("sha-256=:AA:", null)]
    [InlineData("sha-256=11", null)]
    [InlineData("not a field", null)]
    public async Task The_digest_of_what_was_stored_is_told_to_who_wants_it(string want, string? key)
    {
        await using var gateway = await MemoryGateway.StartAsync();

        using var response = await gateway.PutAsync("files/a", Body, ("Want-Repr-Digest", want));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var told = response.Headers.TryGetValues("Repr-Digest", out var values) ? values.Single() : null;
        Assert.Equal(key is null ? null : key == "sha-256" ? Sha256Of : Sha512Of, told);
    }

    public static TheoryData<string, string, int> Trailers() => new()
    {
        { "Trailer: Content-Digest", "Content-Digest: " + Sha256Of, 201 },
        { "Trailer: x, repr-digest", "Repr-Digest: " + Sha512Of, 201 },
        { "Trailer: Content-Digest", "", 201 },
        { "Trailer: Content-Digest", "Content-Digest: " + Sha256OfOther, 422 },
        { "Trailer: Repr-Digest", "Repr-Digest: " + Sha512OfOther, 422 },
        { "Trailer: Content-Digest\r\nContent-Digest: " + Sha512OfOther, "Content-Digest: " + Sha256Of, 422 },
        { "Trailer: Content-Digest", "Content-Digest: sha-256=x", 400 },
    };

    [Theory]
    [MemberData(nameof(Trailers))]
    public async Task A_digest_may_follow_a_chunked_body(string headers, string trailer, int status)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync($"PUT /v1/backends/files/files/a HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n{headers}\r\n\r\nd\r\n{Body}\r\n0\r\n");
        await connection.SendAsync(trailer.Length == 0 ? "\r\n" : trailer + "\r\n\r\n");
        var response = await connection.ReadResponseAsync();

        Assert.True(status == response.Status, response.Head + response.Body);
        Assert.Equal(status == 201, gateway.Backend.Find("/a") is not null);
    }

    [Fact]
    public async Task The_old_file_stays_when_the_new_one_is_not_right()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "old"u8.ToArray());
        using var response = await gateway.PutAsync("files/a", Body, ("Repr-Digest", Sha256OfOther));

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.UnprocessableEntity, "digest-mismatch");
        Assert.True(problem.GetProperty("retryable").GetBoolean());
        Assert.Equal("old"u8.ToArray(), gateway.Backend.Find("/a")!.Content);
        Assert.Equal(RemoteEntryType.File, gateway.Backend.Find("/a")!.Type);
    }
}
