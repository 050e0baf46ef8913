using System.Diagnostics;
using Gateway.Api.Directories;

namespace Gateway.UnitTests.Api.Directories;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("a*c", "abc", true)]
    [InlineData("a*c", "ac", true)]
    [InlineData("a*c", "acb", false)]
    [InlineData("*.txt", "a.txt", true)]
    [InlineData("*.txt", "a.TXT", false)]
    [InlineData("**a**", "bab", true)]
    [InlineData("?", "x", true)]
    [InlineData("?", "😀", true)]
    [InlineData("?", "", false)]
    [InlineData("??", "x", false)]
    [InlineData("[abc]", "b", true)]
    [InlineData("[a-c]x", "cx", true)]
    [InlineData("[a-c]x", "dx", false)]
    [InlineData("[!a-c]", "d", true)]
    [InlineData("[^a-c]", "a", false)]
    [InlineData("[]]", "]", true)]
    [InlineData("[!]]", "]", false)]
    [InlineData("[a-]", "-", true)]
    [InlineData("[日-本]", "木", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "x", false)]
    [InlineData("a\\", "a\\", true)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("*a*b", "xaxbxab", true)]
    public void Names_match_as_in_a_shell(string pattern, string name, bool expected) =>
        Assert.Equal(expected, Glob.TryParse(pattern, out _)!.IsMatch(name));

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("a[b")]
    public void A_pattern_that_is_none_is_refused_with_a_reason(string pattern)
    {
        Assert.Null(Glob.TryParse(pattern, out var reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void No_pattern_takes_for_ever()
    {
        var glob = Glob.TryParse(string.Concat(Enumerable.Repeat("*a", 500)) + "b", out _)!;
        var clock = Stopwatch.StartNew();
        Assert.False(glob.IsMatch(new string('a', 4000)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5));
    }
}
