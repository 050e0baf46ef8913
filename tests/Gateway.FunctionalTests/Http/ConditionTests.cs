using System.Net;

namespace Gateway.FunctionalTests.Http;

/// <summary>
/// Conditional requests (RFC 9110 section 13), row by row. <c>TAG</c> is the file's tag, <c>SAME</c>, <c>OLDER</c> and <c>NEWER</c> are dates
/// beside its own in the form that HTTP prefers, with <c>850</c> or <c>ASC</c> behind it in the two obsolete ones.
/// </summary>
public sealed class ConditionTests
{
    private static readonly DateTimeOffset Modified = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(200, "If-Match: *")]
    [InlineData(200, "If-Match: TAG")]
    [InlineData(200, "If-Match: \"x\", TAG, \"y\"")]
    [InlineData(200, "If-Match: \"a,b\",TAG")]
    [InlineData(412, "If-Match: \"x\"")]
    [InlineData(412, "If-Match: \"x\", W/TAG")]
    [InlineData(400, "If-Match: x")]
    [InlineData(400, "If-Match: TAG, x")]
    [InlineData(200, "If-Unmodified-Since: SAME")]
    [InlineData(200, "If-Unmodified-Since: SAME850")]
    [InlineData(200, "If-Unmodified-Since: SAMEASC")]
    [InlineData(200, "If-Unmodified-Since: NEWER")]
    [InlineData(412, "If-Unmodified-Since: OLDER")]
    [InlineData(412, "If-Unmodified-Since: OLDER850")]
    [InlineData(412, "If-Unmodified-Since: OLDERASC")]
    [InlineData(200, "If-Unmodified-Since: yesterday")]
    [InlineData(200, "If-Match: TAG", "If-Unmodified-Since: OLDER")]
    [InlineData(412, "If-Match: \"x\"", "If-Unmodified-Since: NEWER")]
    [InlineData(304, "If-None-Match: *")]
    [InlineData(304, "If-None-Match: TAG")]
    [InlineData(304, "If-None-Match: W/TAG")]
    [InlineData(304, "If-None-Match: \"x\",\"y\", W/TAG")]
    [InlineData(200, "If-None-Match: \"x\"")]
    [InlineData(400, "If-None-Match: x")]
    [InlineData(304, "If-Modified-Since: SAME")]
    [InlineData(304, "If-Modified-Since: SAME850")]
    [InlineData(304, "If-Modified-Since: SAMEASC")]
    [InlineData(304, "If-Modified-Since: NEWER")]
    [InlineData(200, "If-Modified-Since: OLDER")]
    [InlineData(200, "If-Modified-Since: OLDERASC")]
    [InlineData(200, "If-Modified-Since: 2025-03-01T12:00:00Z")]
    [InlineData(200, "If-Modified-Since: SAME, SAME")]
    [InlineData(200, "If-None-Match: \"x\"", "If-Modified-Since: NEWER")]
    [InlineData(304, "If-None-Match: TAG", "If-Modified-Since: OLDER")]
    [InlineData(412, "If-Match: \"x\"", "If-None-Match: TAG")]
    [InlineData(304, "If-Match: TAG", "If-None-Match: TAG")]
    [InlineData(412, "If-Unmodified-Since: OLDER", "If-None-Match: TAG")]
    [InlineData(412, "If-Unmodified-Since: OLDER", "If-Modified-Since: SAME")]
    [InlineData(304, "If-None-Match: TAG", "Range: bytes=0-1")]
    [InlineData(412, "If-Match: \"x\"", "Range: bytes=0-1")]
    [InlineData(304, "If-None-Match: TAG", "Range: bytes=99-")]
    [InlineData(206, "If-Match: TAG", "Range: bytes=0-1", "If-Range: TAG")]
    [InlineData(200, "If-Match: TAG", "Range: bytes=0-1", "If-Range: \"x\"")]
    [InlineData(206, "Range: bytes=0-1", "If-Range: SAME")]
    [InlineData(206, "Range: bytes=0-1", "If-Range: SAMEASC")]
    [InlineData(200, "Range: bytes=0-1", "If-Range: OLDER")]
    [InlineData(200, "Range: bytes=0-1", "If-Range: NEWER")]
    [InlineData(200, "Range: bytes=0-1", "If-Range: W/TAG")]
    [InlineData(200, "Range: bytes=99-", "If-Range: \"x\"")]
    [InlineData(416, "Range: bytes=99-", "If-Range: TAG")]
    [InlineData(200, "If-Range: TAG")]
    public async Task Every_row_is_answered_as_the_RFC_says_by_GET_and_HEAD(int status, params string[] headers)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a.txt", "abcdefghij"u8.ToArray(), Modified);
        using var plain = await gateway.GetAsync("files/a.txt");
        var tag = plain.Headers.ETag!.ToString();
        var filled = headers.Select(header => header.Split(": ", 2)).Select(pair => (pair[0], Fill(pair[1], tag))).ToArray();

        using var get = await gateway.GetAsync("files/a.txt", filled);
        using var head = await gateway.SendAsync(HttpMethod.Head, "files/a.txt", null, filled);

        Assert.Equal(status, (int)get.StatusCode);
        Assert.Equal(status is 206 or 416 ? 200 : status, (int)head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        if (status == 304)
        {
            Assert.Equal(tag, get.Headers.ETag?.ToString());
            Assert.Equal(plain.Headers.CacheControl!.ToString(), get.Headers.CacheControl?.ToString());
            Assert.Empty(await get.Content.ReadAsByteArrayAsync());
            Assert.False(get.Content.Headers.Contains("Content-Range"));
        }
    }

    [Fact]
    public async Task A_weak_tag_matches_for_caching_and_never_for_ranges_or_changes()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/young", "abcdefghij"u8.ToArray(), DateTimeOffset.UtcNow.AddSeconds(60));
        using var first = await gateway.GetAsync("files/young");
        var tag = first.Headers.ETag!.ToString();
        Assert.StartsWith("W/", tag, StringComparison.Ordinal);

        foreach (var (name, value, status) in new[]
        {
            ("If-None-Match", tag, 304), ("If-Match", tag, 412), ("If-Range", tag, 200),
            ("If-Range", first.Content.Headers.LastModified!.Value.ToString("R"), 200),
        })
        {
            using var response = await gateway.GetAsync("files/young", (name, value), ("Range", "bytes=0-1"));
            Assert.True((int)response.StatusCode == status, $"{name}: {value} {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task A_file_without_validators_matches_only_the_asterisk()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/coarse", "abcdefghij"u8.ToArray());
        gateway.Backend.Add("/coarse", gateway.Backend.Find("/coarse")! with { IsModifiedApproximate = true });
        foreach (var (name, value, status) in new[]
        {
            ("If-Match", "*", HttpStatusCode.OK), ("If-Match", "\"x\"", HttpStatusCode.PreconditionFailed),
            ("If-None-Match", "*", HttpStatusCode.NotModified), ("If-None-Match", "\"x\"", HttpStatusCode.OK),
            ("If-Unmodified-Since", "Sat, 01 Mar 2025 12:00:00 GMT", HttpStatusCode.OK), ("If-Modified-Since", "Sat, 01 Mar 2025 12:00:00 GMT", HttpStatusCode.OK),
        })
        {
            using var response = await gateway.GetAsync("files/coarse", (name, value));
            Assert.Equal(status, response.StatusCode);
        }
    }

    private static string Fill(string text, string tag)
    {
        foreach (var (name, date) in new[] { ("SAME", Modified), ("OLDER", Modified.AddSeconds(-1)), ("NEWER", Modified.AddHours(1)) })
        {
            text = text
                .Replace(name + "850", date.ToString("dddd, dd-MMM-yy HH:mm:ss 'GMT'", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace(name + "ASC", date.ToString("ddd MMM  d HH:mm:ss yyyy", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace(name, date.ToString("R"), StringComparison.Ordinal);
        }

        return text.Replace("TAG", tag, StringComparison.Ordinal);
    }
}
