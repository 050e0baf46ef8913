using System.Security.Cryptography;
using Gateway.Api.Links;

namespace Gateway.UnitTests.Api.Links;

public sealed class LinkKeyTests
{
    [Fact]
    public void A_key_that_is_made_is_a_key_and_every_replica_derives_the_same()
    {
        var text = LinkKey.Create();
        var (one, two) = (Parse(text), Parse("\n" + text[..20] + "\r\n" + text[20..].TrimEnd('=').Replace('+', '-').Replace('/', '_') + "\n"));

        Assert.Equal(one.Id, two.Id);
        Assert.Equal(one.Sign("a"u8), two.Sign("a"u8));
        Assert.Equal("a"u8.ToArray(), two.Open("id", one.Seal("id", "a"u8.ToArray())));
        Assert.NotEqual(one.Id, Parse(LinkKey.Create()).Id);
        Assert.DoesNotContain(one.Id, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("correct horse battery staple!", "not base64")]
    [InlineData("c2hvcnQ=", "It has 5 bytes; a key has at least 32")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "All its bytes are the same")]
    [InlineData("", "It has 0 bytes")]
    public void What_is_no_key_is_told_and_not_quoted(string text, string expected)
    {
        Assert.False(LinkKey.TryParse(text, out _, out var reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.True(text.Length == 0 || !reason.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_seal_holds_for_its_link_and_its_key_alone()
    {
        var key = Parse(LinkKey.Create());
        var text = key.Seal("id", "who"u8.ToArray());

        Assert.Null(key.Open("other", text));
        Assert.Null(Parse(LinkKey.Create()).Open("id", text));
        Assert.Null(key.Open("id", text[..^1] + (text[^1] == 'A' ? 'B' : 'A') + "A"));
        Assert.Null(key.Open("id", ""));
        Assert.Null(key.Open("id", "%"));
        Assert.DoesNotContain("who", text, StringComparison.Ordinal);
    }

    internal static LinkKey Parse(string text) => LinkKey.TryParse(text, out var key, out var reason) ? key : throw new CryptographicException(reason);
}
