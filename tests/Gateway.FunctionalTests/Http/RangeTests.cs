using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary>Several ranges of one file (RFC 9110 sections 14 and 15.3.7).</summary>
public sealed class RangeTests
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(300_000);

    [Theory]
    [InlineData("bytes=0-9,1000-1999", "0+10 1000+1000")]
    [InlineData("bytes=200000-299999, 0-0", "200000+100000 0+1", "in the order asked for")]
    [InlineData("bytes=-5,500-509,1000-1009", "299995+5 500+10 1000+10")]
    [InlineData("bytes=0-9,999999-,1000-1009,-0", "0+10 1000+10", "what is behind the end is left out")]
    [InlineData("bytes=1000-2000,0-9,1500-3000,290000-", "1000+2001 0+10 290000+10000", "what overlaps is one")]
    [InlineData("bytes=0-65535,100000-165535,200000-265535", "0+65536 100000+65536 200000+65536")]
    public async Task Several_ranges_are_parts_of_one_body(string range, string expected, string? because = null)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/b.pdf", Content);

        using var response = await gateway.GetAsync("files/b.pdf", ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.False(response.Content.Headers.Contains("Content-Range"));
        Assert.Equal("bytes", response.Headers.AcceptRanges.ToString());
        Assert.False(response.Headers.ETag!.IsWeak);
        AssertProtected(response);
        var parts = await Multipart.ReadAsync(response);
        Assert.True(expected == string.Join(' ', parts.Select(part => $"{part.From}+{part.Content.Length}")), because);
        Assert.All(parts, part =>
        {
            Assert.Equal("application/pdf", part.ContentType);
            Assert.Equal(Content.Length, part.Size);
            Assert.Equal(Content.AsSpan((int)part.From, part.Content.Length).ToArray(), part.Content);
        });
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0);
    }

    [Theory]
    [InlineData("bytes=0-9,999999-", "bytes 0-9/300000")]
    [InlineData("bytes=0-9,5-19", "bytes 0-19/300000")]
    [InlineData("bytes=0-9,10-19", "bytes 0-19/300000")]
    [InlineData("bytes=0-99,200-299", "bytes 0-299/300000")]
    [InlineData("bytes=100-,0-99", "bytes 0-299999/300000")]
    public async Task What_comes_down_to_one_range_is_no_multipart(string range, string contentRange)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/b.pdf", Content);

        using var response = await gateway.GetAsync("files/b.pdf", ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal("application/pdf", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(contentRange, response.Content.Headers.NonValidated["Content-Range"].ToString());
        AssertProtected(response);
    }

    [Fact]
    public async Task None_that_can_be_satisfied_is_told_the_size()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/b.pdf", Content);

        using var response = await gateway.GetAsync("files/b.pdf", ("Range", "bytes=300000-,400000-500000,-0"));

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.RequestedRangeNotSatisfiable, "range-not-satisfiable");
        Assert.Equal("bytes */300000", response.Content.Headers.NonValidated["Content-Range"].ToString());
    }

    [Fact]
    public async Task More_ranges_than_anybody_needs_are_answered_with_the_whole_file()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/b.pdf", Content);
        var ranges = string.Join(',', Enumerable.Range(0, 300).Select(i => $"{i * 1000}-{i * 1000}"));

        using var response = await gateway.GetAsync("files/b.pdf", ("Range", "bytes=" + ranges));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Content, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task If_Range_decides_over_several_as_over_one()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var modified = new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
        gateway.Backend.AddFile("/a", Content, modified);
        using var first = await gateway.GetAsync("files/a");
        var tag = first.Headers.ETag!.ToString();
        foreach (var (validator, status) in new[]
        {
            (tag, 206), ("W/" + tag, 200), ("\"other\"", 200), ("*", 200), ("garbage", 200),
            (modified.ToString("R"), 206), (modified.AddSeconds(1).ToString("R"), 200), (modified.AddSeconds(-1).ToString("R"), 200),
            ("Saturday, 01-Mar-25 12:00:00 GMT", 206), ("Sat Mar  1 12:00:00 2025", 206),
        })
        {
            using var response = await gateway.GetAsync("files/a", ("Range", "bytes=0-9,1000-1009"), ("If-Range", validator));
            Assert.True((int)response.StatusCode == status, $"{validator}: {(int)response.StatusCode}");
        }
    }

    [Theory]
    [InlineData("bytes=0-9")]
    [InlineData("bytes=0-9,1000-1009")]
    [InlineData("bytes=999999-")]
    public async Task HEAD_knows_no_ranges(string range)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/b.pdf", Content);

        using var get = await gateway.GetAsync("files/b.pdf");
        using var head = await gateway.SendAsync(HttpMethod.Head, "files/b.pdf", null, ("Range", range));

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(Content.Length, head.Content.Headers.ContentLength);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal("bytes", head.Headers.AcceptRanges.ToString());
        AssertProtected(head);
    }

    [Fact]
    public async Task A_failure_before_the_first_byte_of_the_first_part_is_a_status()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Content);
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.Read
            ? throw new BackendException(BackendError.PermissionDenied, "The server refused.")
            : default;

        using var response = await gateway.GetAsync("files/a", ("Range", "bytes=0-9,1000-1009"));

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Forbidden, "permission-denied");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_changes_between_two_ranges_looks_truncated(bool isSameSize)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Content);
        var ends = 0;
        gateway.Backend.Before = (operation, _, _) =>
        {
            if (operation == MemoryOperation.ReadEnd && ++ends == 2)
            {
                gateway.Backend.AddFile("/a", isSameSize ? RandomNumberGenerator.GetBytes(Content.Length) : Content[..^1], DateTimeOffset.UnixEpoch);
            }

            return default;
        };

        using var response = await gateway.GetAsync("files/a", ("Range", "bytes=0-99999,110000-199999,250000-299999"));

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
        await Eventually.HoldsAsync(() => gateway.Host.Logs.Lines.Any(line => line.Text.Contains("changed between two ranges", StringComparison.Ordinal)));
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0);
    }

    [Fact]
    public async Task A_connection_that_ends_between_two_ranges_is_replaced()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Content);
        var looks = 0;
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.GetEntry && ++looks == 1
            ? throw new BackendException(BackendError.ConnectionLost, "The connection was lost.")
            : default;

        using var response = await gateway.GetAsync("files/a", ("Range", "bytes=0-9,1000-1009,2000-2009"));

        var parts = await Multipart.ReadAsync(response);
        Assert.Equal([0L, 1000L, 2000L], parts.Select(part => part.From));
        Assert.All(parts, part => Assert.Equal(Content.AsSpan((int)part.From, 10).ToArray(), part.Content));
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0);
    }

    [Fact]
    public async Task Boundaries_are_not_told_beforehand()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", Content);
        var types = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.GetAsync("files/a", ("Range", "bytes=0-9,1000-1009"));
            types.Add(response.Content.Headers.ContentType!.ToString());
        }

        Assert.Equal(3, types.Count);
    }

    [Theory]
    [InlineData("文件 %中.txt", "UTF-8''%E6%96%87%E4%BB%B6%20%25%E4%B8%AD.txt")]
    [InlineData("تقرير.txt", "UTF-8''%D8%AA%D9%82%D8%B1%D9%8A%D8%B1.txt")]
    [InlineData("🎉 \"party\".txt", "UTF-8''%F0%9F%8E%89%20%22party%22.txt")]
    public async Task Names_of_every_script_are_told_in_every_kind_of_answer(string name, string extended)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/" + name, Content);
        var path = "files/" + Uri.EscapeDataString(name);
        foreach (var disposition in new[] { "", "?disposition=attachment", "?disposition=inline" })
        {
            using var whole = await gateway.GetAsync(path + disposition);
            using var head = await gateway.SendAsync(HttpMethod.Head, path + disposition);
            using var one = await gateway.GetAsync(path + disposition, ("Range", "bytes=0-9"));
            using var several = await gateway.GetAsync(path + disposition, ("Range", "bytes=0-9,1000-1009"));
            foreach (var response in new[] { whole, head, one, several })
            {
                AssertProtected(response);
                var header = response.Content.Headers.NonValidated["Content-Disposition"].ToString();
                Assert.StartsWith(disposition.EndsWith("inline", StringComparison.Ordinal) ? "inline; " : "attachment; ", header, StringComparison.Ordinal);
                Assert.EndsWith("; filename*=" + extended, header, StringComparison.Ordinal);
                Assert.True(Ascii.IsValid(header));
            }
        }
    }

    private static void AssertProtected(HttpResponseMessage response)
    {
        Assert.Equal("nosniff", response.Headers.NonValidated["X-Content-Type-Options"].ToString());
        Assert.StartsWith("sandbox; default-src 'none'", response.Headers.NonValidated["Content-Security-Policy"].ToString(), StringComparison.Ordinal);
        Assert.True(response.Content.Headers.Contains("Content-Disposition"));
    }
}
