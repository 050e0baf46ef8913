using Gateway.Api.Configuration;

namespace Gateway.UnitTests.Api.Configuration;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("Hots", "Host")]
    [InlineData("host", "Host")]
    [InlineData("Pasword", "Password")]
    [InlineData("MaxConections", "MaxConnections")]
    [InlineData("Colour", null)]
    [InlineData("", null)]
    public void Typing_mistakes_are_recognised_and_guesses_are_not_made(string word, string? expected) =>
        Assert.Equal(expected, Spelling.Closest(word, ["Host", "Password", "MaxConnections"]));
}
