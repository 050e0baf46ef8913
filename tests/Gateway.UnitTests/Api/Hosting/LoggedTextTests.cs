using Gateway.Api.Hosting;

namespace Gateway.UnitTests.Api.Hosting;

public sealed class LoggedTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("plain text, 100%", "plain text, 100%")]
    [InlineData("naïve 文字", "naïve 文字")]
    [InlineData("a\nb\r\u001b[31m", "a\\u000ab\\u000d\\u001b[31m")]
    [InlineData("\u202e\u2028\u0085", "\\u202e\\u2028\\u0085")]
    public void Text_from_outside_stays_on_its_line(string? text, string expected) => Assert.Equal(expected, LoggedText.Of(text));

    [Fact]
    public void Text_from_outside_is_cut_to_a_bound() => Assert.True(LoggedText.Of(new string('x', 1_000_000)).Length < 2000);
}
