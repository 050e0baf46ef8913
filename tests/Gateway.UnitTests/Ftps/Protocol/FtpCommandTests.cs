using Gateway.Ftps.Protocol;

namespace Gateway.UnitTests.Ftps.Protocol;

public sealed class FtpCommandTests
{
    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nDELE b")]
    [InlineData("a\0")]
    [InlineData("a\u0085b")]
    [InlineData("a\tb")]
    public void No_control_character_gets_into_a_command(string argument)
    {
        Assert.Throws<ArgumentException>(() => new FtpCommand("RETR", argument));
        Assert.Throws<ArgumentException>(() => new FtpCommand(argument));
    }

    [Fact]
    public void A_command_is_a_line_in_utf8()
    {
        Assert.Equal("RETR /a b/\u00e9\r\n"u8.ToArray(), new FtpCommand("RETR", "/a b/\u00e9").Encode());
        Assert.Equal("NOOP\r\n"u8.ToArray(), new FtpCommand("NOOP").Encode());
    }

    [Fact]
    public void A_secret_argument_is_sent_and_never_shown()
    {
        var command = new FtpCommand("PASS", "hunter2", isSecret: true);
        Assert.Equal("PASS hunter2\r\n"u8.ToArray(), command.Encode());
        Assert.Equal("PASS ***", command.ToString());
    }
}
