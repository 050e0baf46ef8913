using Gateway.Api.Access;
using Gateway.Broker.Backends;

namespace Gateway.UnitTests.Api.Access;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/a", "/a", true)]
    [InlineData("/a", "/ab", false)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("/a", "/A", false)]
    [InlineData("/a", "/", false)]
    [InlineData("/a/**", "/a", false)]
    [InlineData("/a/**", "/a/b", true)]
    [InlineData("/a/**", "/a/b/c", true)]
    [InlineData("/a/**", "/ab", false)]
    [InlineData("/a/**", "/ab/c", false)]
    [InlineData("/a/**", "/b/a/c", false)]
    [InlineData("/**", "/", false)]
    [InlineData("/**", "/a", true)]
    [InlineData("/**", "/a/b", true)]
    [InlineData("/", "/", true)]
    [InlineData("/", "/a", false)]
    [InlineData("/*/in", "/a/in", true)]
    [InlineData("/*/in", "/a/b/in", false)]
    [InlineData("/*/in", "/in", false)]
    [InlineData("/20*-*.csv", "/2026-01.csv", true)]
    [InlineData("/20*-*.csv", "/2026-01.csv.gz", false)]
    [InlineData("/20*-*.csv", "/2026/-1.csv", false)]
    [InlineData("/*", "/.hidden", true)]
    [InlineData("/a*b*c", "/aXbXbXc", true)]
    [InlineData("/a*b*c", "/aXbXbX", false)]
    [InlineData("/**/b", "/b", true)]
    [InlineData("/**/b", "/a/a/b", true)]
    [InlineData("/**/b", "/a/b/c", false)]
    [InlineData("/a/**/b/**", "/a/x/b/y", true)]
    [InlineData("/a/**/b/**", "/a/b", false)]
    [InlineData("/a/**/b/**", "/a/b/c", true)]
    [InlineData("/[ab]?", "/[ab]?", true)]
    [InlineData("/[ab]?", "/ax", false)]
    [InlineData("/caf\u00e9", "/cafe\u0301", false)]
    [InlineData("/\U0001F600*", "/\U0001F600x", true)]
    public void It_covers_whole_segments_and_takes_names_as_they_are(string pattern, string path, bool expected) =>
        Assert.Equal(expected, Read(pattern).Covers(RemotePath.Parse(path)));

    [Theory]
    [InlineData("/a/b/**", "/", true)]
    [InlineData("/a/b/**", "/a", true)]
    [InlineData("/a/b/**", "/a/b", true)]
    [InlineData("/a/b/**", "/a/b/c", true)]
    [InlineData("/a/b/**", "/b", false)]
    [InlineData("/a/b", "/a", true)]
    [InlineData("/a/b", "/a/b", false)]
    [InlineData("/a/b", "/a/b/c", false)]
    [InlineData("/*/b", "/x", true)]
    [InlineData("/*/b", "/x/y", false)]
    [InlineData("/**/b", "/x/y/z", true)]
    [InlineData("/", "/", false)]
    public void It_knows_the_folders_on_the_way_to_what_it_covers(string pattern, string path, bool expected) =>
        Assert.Equal(expected, Read(pattern).LeadsFrom(RemotePath.Parse(path)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/a/")]
    [InlineData("//a")]
    [InlineData("/a/../b")]
    [InlineData("/./a")]
    [InlineData("/a**")]
    [InlineData("/a/***")]
    [InlineData("/a\u0001")]
    public void What_could_never_be_meant_is_refused(string? pattern)
    {
        Assert.False(PathPattern.TryParse(pattern, out _, out var reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void A_pattern_has_a_most_of_segments()
    {
        Assert.True(PathPattern.TryParse(string.Concat(Enumerable.Repeat("/**", 62)) + "/x", out var pattern, out _));
        Assert.True(pattern.Covers(RemotePath.Parse("/a/b/x")));
        Assert.False(pattern.Covers(RemotePath.Parse("/a/b/y")));
        Assert.False(PathPattern.TryParse(string.Concat(Enumerable.Repeat("/a", 64)), out _, out _));
    }

    /// <summary>Ways through this pattern are as many as the stars of the sky; each is looked at, but all at once.</summary>
    [Fact]
    public void No_path_takes_long()
    {
        var pattern = Read("/" + string.Join('/', Enumerable.Repeat("**/a*a*a*b", 15)));
        var path = RemotePath.Parse("/" + string.Join('/', Enumerable.Repeat(new string('a', 60), 60)));

        Assert.False(pattern.Covers(path));
    }

    private static PathPattern Read(string text) => PathPattern.TryParse(text, out var pattern, out var reason) ? pattern : throw new FormatException(reason);
}
