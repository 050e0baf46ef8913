using Gateway.Api.Streaming;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class ContentDispositionTests
{
    [Theory]
    [InlineData("plain name.txt", "attachment; filename=\"plain name.txt\"")]
    [InlineData("semi;colon", "attachment; filename=\"semi;colon\"")]
    [InlineData("\"quoted\"", "attachment; filename=\"_quoted_\"; filename*=UTF-8''%22quoted%22")]
    [InlineData("back\\slash", "attachment; filename=\"back_slash\"; filename*=UTF-8''back%5Cslash")]
    [InlineData("100%", "attachment; filename=\"100_\"; filename*=UTF-8''100%25")]
    [InlineData("😀", "attachment; filename=\"_\"; filename*=UTF-8''%F0%9F%98%80")]
    [InlineData("(*)'", "attachment; filename=\"(*)'\"")]
    [InlineData("é(*)'", "attachment; filename=\"_(*)'\"; filename*=UTF-8''%C3%A9%28%2A%29%27")]
    public void Old_clients_get_ASCII_and_new_ones_the_name(string name, string expected) =>
        Assert.Equal(expected, ContentDisposition.Format(name));

    [Fact]
    public void No_name_breaks_out_of_the_header()
    {
        for (var c = '\0'; c < '\u0250'; c++)
        {
            var header = ContentDisposition.Format($"a{c}b");
            Assert.All(header, x => Assert.InRange(x, ' ', '~'));
            Assert.Equal(2, header.Count(x => x == '"'));
        }
    }
}
