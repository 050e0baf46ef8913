using Gateway.Api.Identity;

namespace Gateway.UnitTests.Api.Identity;

public sealed class ApiKeyHashTests
{
    [Fact]
    public void A_hash_knows_its_key_again_and_no_other()
    {
        var (key, hash) = ApiKeyHash.Create();
        var (other, _) = ApiKeyHash.Create();

        Assert.True(ApiKeyHash.TryParse(hash.ToString(), out var read));
        Assert.Equal(ApiKeyHash.FindId(key), read.Id);
        Assert.True(ApiKeyHash.IsKeyOf(read, key));
        Assert.False(ApiKeyHash.IsKeyOf(read, other));
        Assert.False(ApiKeyHash.IsKeyOf(read, string.Concat(key.AsSpan(0, key.Length - 1), key[^1] == 'A' ? "B" : "A")));
        Assert.False(ApiKeyHash.IsKeyOf(null, key));
    }

    [Fact]
    public void Nothing_of_the_secret_is_in_the_hash_and_each_has_a_salt_of_its_own()
    {
        var (key, hash) = ApiKeyHash.Create();

        Assert.DoesNotContain(key[11..], hash.ToString(), StringComparison.Ordinal);
        Assert.Equal(46 + 8, key.Length);
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => ApiKeyHash.Create().Hash.ToString().Split('.')[2]).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("hmac-sha256.AAECAwQF.AAECAwQFBgcICQoLDA0ODw")]
    [InlineData("hmac-sha1.AAECAwQF.AAECAwQFBgcICQoLDA0ODw.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("hmac-sha256.AAECAwQ.AAECAwQFBgcICQoLDA0ODw.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("hmac-sha256.AAECAwQF.AAECAwQFBgcICQoLDA0ODw==.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("hmac-sha256.AAECAwQF.AAECAwQFBgcICQoLDA0ODw.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh")]
    [InlineData("hmac-sha256.AAECAwQF.AAECAwQFBgcICQoLDA0ODw.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.x")]
    [InlineData("hmac-sha256.AAECAwQF.AAECAwQFBgcICQoLDA0ODz.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("hmac-sha256.AAEC+wQF.AAECAwQFBgcICQoLDA0ODw.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("gw_AAECAwQFAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    public void What_is_no_hash_is_refused(string text) => Assert.False(ApiKeyHash.TryParse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("gw_")]
    [InlineData("gw_AAECAwQFAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh")]
    [InlineData("gw_AAECAwQFAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8x")]
    [InlineData("GW_AAECAwQFAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("gw_AAECAwQF\u00e4AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    public void What_is_no_key_has_no_id(string text) => Assert.Null(ApiKeyHash.FindId(text));
}
