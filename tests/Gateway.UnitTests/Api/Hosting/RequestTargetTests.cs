using Gateway.Api.Hosting;

namespace Gateway.UnitTests.Api.Hosting;

public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("a+b", "a+b")]
    [InlineData("a%20b", "a b")]
    [InlineData("%e6%97%a5", "日")]
    [InlineData("%F0%9F%98%80", "😀")]
    [InlineData("%25", "%")]
    [InlineData("%252F", "%2F")]
    [InlineData("%2525", "%25")]
    [InlineData("%5C", "\\")]
    [InlineData("%3F%23%3B", "?#;")]
    [InlineData("a/b%20/c", "a/b /c")]
    [InlineData("%00", "\0")]
    public void Percent_encoding_is_decoded_exactly_once(string encoded, string expected)
    {
        Assert.True(RequestTarget.TryDecode(encoded, out var text, out var reason), reason);
        Assert.Equal(expected, text);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("a%2")]
    [InlineData("%zz")]
    [InlineData("%-1")]
    [InlineData("% 1")]
    [InlineData("%2F")]
    [InlineData("%2f")]
    [InlineData("%ff")]
    [InlineData("%c3")]
    [InlineData("%c0%af")]
    [InlineData("%e0%80%af")]
    [InlineData("%ed%a0%80")]
    [InlineData("%f4%90%80%80")]
    public void What_is_no_encoding_of_UTF8_is_refused_with_a_reason(string encoded)
    {
        Assert.False(RequestTarget.TryDecode(encoded, out _, out var reason));
        Assert.NotEmpty(reason);
    }

    [Theory]
    [InlineData("/a/./b", true)]
    [InlineData("/a/..", true)]
    [InlineData("/..", true)]
    [InlineData("/a/%2e/b", true)]
    [InlineData("/a/%2E%2e", true)]
    [InlineData("/a/.%2e/b", true)]
    [InlineData("/a/...", false)]
    [InlineData("/a/..b", false)]
    [InlineData("/a/.b", false)]
    [InlineData("/a/b.", false)]
    [InlineData("/a/%252e%252e", false)]
    [InlineData("/a//b/", false)]
    [InlineData("/", false)]
    public void Dot_segments_are_seen_however_they_are_encoded(string path, bool expected) =>
        Assert.Equal(expected, RequestTarget.HasDotSegment(path));
}
