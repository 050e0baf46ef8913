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
        Assert.Equal(RangeKind.Single, RangeHeader.Read(header, size, out var range));
        Assert.Equal(new ByteRange(offset, length), range);
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
    [InlineData("bytes=0-1,3-4")]
    [InlineData("lines=0-1")]
    public void What_is_ignored(string? header) => Assert.Equal(RangeKind.Whole, RangeHeader.Read(header, 10, out _));

    [Fact]
    public void The_end_of_an_empty_file_is_the_empty_file() => Assert.Equal(RangeKind.Whole, RangeHeader.Read("bytes=-5", 0, out _));
}
