using Gateway.Broker.Pooling;

namespace Gateway.UnitTests.Broker.Pooling;

public class LogTextTests
{
    [Theory]
    [InlineData(null, "-")]
    [InlineData("", "-")]
    [InlineData("Permission denied (publickey).", "Permission denied (publickey).")]
    [InlineData("220 hello\r\n2026-01-01 ERR forged", "220 hello  2026-01-01 ERR forged")]
    [InlineData("\u001b[2Jgone\u2028next\u0085", " [2Jgone next ")]
    public void What_a_server_says_stays_on_one_line_without_control_characters(string? said, string logged)
    {
        Assert.Equal(logged, LogText.Neutralise(said));
    }

    [Fact]
    public void A_flood_is_cut()
    {
        Assert.Equal(501, LogText.Neutralise(new string('x', 1_000_000)).Length);
    }
}
