using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Gateway.FunctionalTests.Contract;
using Gateway.FunctionalTests.Http;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>Ranges over HTTP, on every server.</summary>
public sealed class RangeServerTests(RealServersGateway fixture) : IClassFixture<RealServersGateway>
{
    private const int Size = 3_000_001;

    private static readonly byte[] Content = Payload.Create(Size);
    private static int _rooms;

    private readonly HttpClient _client = fixture.Client;
    private readonly string _room = string.Create(CultureInfo.InvariantCulture, $"ranges-{Interlocked.Increment(ref _rooms)}");

    [Theory]
    [OnEveryServer]
    public async Task Several_ranges_come_in_one_answer(string server)
    {
        var (url, _) = await PutAsync(server);

        // The last one twice over: an FTP server that lost its session to an early end has to be as good as any other.
        foreach (var range in new[] { "bytes=0-0,1000000-1999999,-1", "bytes=2000000-2000099,5-14,1000-1000099,300-309" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("Range", range);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            foreach (var part in await Multipart.ReadAsync(response))
            {
                Payload.AssertSame(Content.AsMemory((int)part.From, part.Content.Length), part.Content, $"{range} {part.From}");
            }
        }
    }

    [Theory]
    [OnEveryServer]
    public async Task A_file_that_changes_between_two_ranges_is_never_mixed(string server)
    {
        const long Large = 64L * 1024 * 1024;
        var (url, path) = await PutAsync(server);
        var place = (await ContractServer.GetSharedAsync(server)).Server.Files.Locate(path);
        await using (var file = new FileStream(place, FileMode.Open, FileAccess.Write))
        {
            file.SetLength(Large);
        }

        // The first part is more than all buffers on the way hold: the second is not asked for before the caller has read.
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Range", "bytes=0-60000000,65000000-");
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        await using (var file = new FileStream(place, FileMode.Open, FileAccess.Write))
        {
            file.Position = Large - 1;
            file.WriteByte(1);
        }

        File.SetLastWriteTimeUtc(place, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [OnEveryServer]
    public async Task A_download_manager_ends_with_the_right_bytes(string server)
    {
        var (url, _) = await PutAsync(server);
        using var head = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        Assert.Equal(Size, head.Content.Headers.ContentLength);
        var tag = head.Headers.ETag!;
        Assert.False(tag.IsWeak);

        // Sixteen connections; each stops half-way once, and goes on where it was.
        var joined = new byte[Size];
        var step = (Size + 15) / 16;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            using var client = fixture.Gateway.CreateClient();
            var (from, to) = (i * step, Math.Min(Size, (i + 1) * step) - 1);
            var middle = await FetchAsync(client, url, tag, from, to, joined, stopAfter: (to - from) / 2);
            await FetchAsync(client, url, tag, middle, to, joined, stopAfter: int.MaxValue);
        }));

        Payload.AssertSame(Content, joined);
    }

    private static async Task<int> FetchAsync(HttpClient client, string url, EntityTagHeaderValue tag, int from, int to, byte[] target, int stopAfter)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(from, to);
        request.Headers.IfRange = new RangeConditionHeaderValue(tag);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(to - from + 1, response.Content.Headers.ContentLength);
        await using var body = await response.Content.ReadAsStreamAsync();
        var end = (int)Math.Min((long)from + stopAfter, to + 1);
        for (var at = from; ;)
        {
            var count = at == end ? 0 : await body.ReadAsync(target.AsMemory(at, end - at));
            if (count == 0)
            {
                return at;
            }

            at += count;
        }
    }

    private async Task<(string Url, string Path)> PutAsync(string server)
    {
        var files = (await ContractServer.GetSharedAsync(server)).Server.Files;
        var path = $"/{_room}/file.bin";
        files.CreateFolder("/" + _room);
        files.Write(path, Content);
        File.SetLastWriteTimeUtc(files.Locate(path), new DateTime(2025, 3, 1, 12, 0, 0, DateTimeKind.Utc));
        return (Api.Files(RealServersGateway.NameOf(server), _room, "file.bin"), path);
    }
}
