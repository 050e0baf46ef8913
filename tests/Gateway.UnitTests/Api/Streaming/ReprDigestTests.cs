using Gateway.Api.Streaming;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class ReprDigestTests
{
    [Theory]
    [InlineData("sha-256=1", "sha-256")]
    [InlineData("sha-512=1", "sha-512")]
    [InlineData("sha-256=3, sha-512=10", "sha-512")]
    [InlineData("sha-512=3,sha-256=10", "sha-256")]
    [InlineData("sha-512=5, sha-256=5", "sha-256")]
    [InlineData("sha-256=0, sha-512=1", "sha-512")]
    [InlineData("md5=10, unixsum=9, sha-512=1", "sha-512")]
    [InlineData("sha-256=1;a=b", "sha-256")]
    [InlineData("sha-256=9, sha-512=3, sha-256=1", "sha-512")]
    [InlineData("sha-256=0", null)]
    [InlineData("md5=10", null)]
    [InlineData("SHA-256=10", null)]
    [InlineData("sha-256", null)]
    [InlineData("sha-256=11", null)]
    [InlineData("sha-256=-1", null)]
    [InlineData("sha-256=0.5", null)]
    [InlineData("sha-256=x", null)]
    [InlineData("", null)]
    [InlineData(",,=", null)]
    public void The_best_of_what_is_known(string header, string? expected) => Assert.Equal(expected, DigestAlgorithm.Preferred(header)?.Key);
}
