using Gateway.Api.Streaming;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class RangeHeaderTests
{
    [Theory]
    [InlineData("bytes=0-0", 10, 0, 1)]
    [InlineData("bytes=0-9", 10, 0, 10)]
    [InlineData("bytes=0-10", 10, 0, 10)]
    [InlineData("bytes=9-", 10, 9, 1)]
    [InlineData("bytes=-1", 10, 9, 1)]
    [InlineData("bytes=-11", 10, 0, 10)]
    [InlineData("Bytes= 2-3 ", 10, 2, 2)]
    [InlineData("bytes=-99999999999999999999999", 10, 0, 10)]
    [InlineData("bytes=0-99999999999999999999999", 10, 0, 10)]
    [InlineData("bytes=9223372036854775806-", long.MaxValue, 9223372036854775806, 1)]
    public void One_satisfiable_range(string header, long size, long offset, long length)
    {
        Assert.Equal(RangeKind.Partial, RangeHeader.Read(header, size, out var ranges));
        Assert.Equal([new ByteRange(offset, length)], ranges);
    }

    [Theory]
    [InlineData("bytes=10-", 10)]
    [InlineData("bytes=10-20", 10)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=99999999999999999999999-", 10)]
    public void A_range_behind_the_end(string header, long size) =>
        Assert.Equal(RangeKind.Unsatisfiable, RangeHeader.Read(header, size, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=1")]
    [InlineData("bytes=2-1")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1 - 2")]
    [InlineData("bytes=0x1-2")]
    [InlineData("bytes=１-2")]
    [InlineData("bytes=,")]
    [InlineData("bytes=0-1,x")]
    [InlineData("bytes=0-1,5-4")]
    [InlineData("bytes=20-,5-4")]
    [InlineData("lines=0-1")]
    public void What_is_ignored(string? header) => Assert.Equal(RangeKind.Whole, RangeHeader.Read(header, 10, out _));

    [Theory]
    [InlineData("bytes=0-1,500-501", "0+2 500+2")]
    [InlineData("bytes=500-501 , 0-1", "500+2 0+2")]
    [InlineData("bytes=,0-1,,500-501,", "0+2 500+2")]
    [InlineData("bytes=0-1,2-3", "0+4")]
    [InlineData("bytes=0-1,2-3,129-130", "0+131")]
    [InlineData("bytes=0-1,130-131", "0+2 130+2")]
    [InlineData("bytes=900-,0-9,-800,300-400", "200+800 0+10", "joined in the place of the first")]
    [InlineData("bytes=0-9,-1,5000-,-0", "0+10 999+1", "what is behind the end is left out")]
    [InlineData("bytes=0-,0-,0-,0-", "0+1000")]
    [InlineData("bytes=400-500,0-9,0-9", "400+101 0+10")]
    public void Several_ranges(string header, string expected, string? because = null)
    {
        Assert.Equal(RangeKind.Partial, RangeHeader.Read(header, 1000, out var ranges));
        Assert.True(expected == string.Join(' ', ranges.Select(range => $"{range.Offset}+{range.Length}")), because);
    }

    [Theory]
    [InlineData("bytes=1000-,2000-3000")]
    [InlineData("bytes=-0,1000-")]
    public void Nothing_but_ranges_behind_the_end(string header) =>
        Assert.Equal(RangeKind.Unsatisfiable, RangeHeader.Read(header, 1000, out _));

    [Fact]
    public void More_ranges_than_anybody_needs_are_the_whole_file()
    {
        Assert.Equal(RangeKind.Partial, RangeHeader.Read(Many(RangeHeader.MaxRanges), 1_000_000, out var ranges));
        Assert.Equal(RangeHeader.MaxRanges, ranges.Count);
        Assert.Equal(RangeKind.Whole, RangeHeader.Read(Many(RangeHeader.MaxRanges + 1), 1_000_000, out _));

        static string Many(int count) => "bytes=" + string.Join(',', Enumerable.Range(0, count).Select(i => $"{i * 1000}-{i * 1000}"));
    }

    [Fact]
    public void The_end_of_an_empty_file_is_the_empty_file() => Assert.Equal(RangeKind.Whole, RangeHeader.Read("bytes=-5", 0, out _));
}
