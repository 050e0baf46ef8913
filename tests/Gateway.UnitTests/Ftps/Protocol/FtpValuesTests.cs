using Gateway.Ftps.Protocol;

namespace Gateway.UnitTests.Ftps.Protocol;

public sealed class FtpValuesTests
{
    [Theory]
    [InlineData("Entering Extended Passive Mode (|||28714|)", 28714)]
    [InlineData("Entering extended passive mode (|||58987|).", 58987)]
    [InlineData("ok (!!!1!)", 1)]
    [InlineData("no parentheses |||65535|", 65535)]
    [InlineData("(|||65536|)", null)]
    [InlineData("(|||0|)", null)]
    [InlineData("(|||-1|)", null)]
    [InlineData("(|||99999999999999999999|)", null)]
    [InlineData("(|||12a|)", null)]
    [InlineData("(|||12", null)]
    [InlineData("(||12||)", null)]
    [InlineData("(||||)", null)]
    [InlineData("(|||", null)]
    [InlineData("1111222", null)]
    [InlineData("", null)]
    public void The_port_of_an_extended_passive_reply(string text, int? port) => Assert.Equal(port, FtpValues.ParseExtendedPassive(text));

    [Theory]
    [InlineData("Entering Passive Mode (127,0,0,1,4,1).", 1025)]
    [InlineData("Entering Passive Mode 10,0,0,1,255,255", 65535)]
    [InlineData("=127,0,0,1,0,21", 21)]
    [InlineData("Passive (1, 2, 3, 4, 5, 6)", 1286)]
    [InlineData("12 ports (1,2,3,4,5,6)", 1286)]
    [InlineData("(127,0,0,1,256,1)", null)]
    [InlineData("(999,0,0,1,4,1)", null)]
    [InlineData("(127,0,0,1,0,0)", null)]
    [InlineData("(127,0,0,1,4)", null)]
    [InlineData("(127,0,0,1,4,)", null)]
    [InlineData("(127,0,0,1,4,99999999999)", null)]
    [InlineData("(,,,,,)", null)]
    [InlineData("", null)]
    public void The_port_of_a_passive_reply(string text, int? port) => Assert.Equal(port, FtpValues.ParsePassive(text));

    [Theory]
    [InlineData("\"/\" is the current directory", "/")]
    [InlineData("\"/a \"\"quoted\"\" b\" created", "/a \"quoted\" b")]
    [InlineData("\"\"", "")]
    [InlineData("says \"/x\"", "/x")]
    [InlineData("\"/x", null)]
    [InlineData("\"/x\"\"", null)]
    [InlineData("/x", null)]
    public void A_quoted_path(string text, string? path) => Assert.Equal(path, FtpValues.ParseQuotedPath(text));

    [Theory]
    [InlineData(213, "3", 3L)]
    [InlineData(213, " 9223372036854775807 ", long.MaxValue)]
    [InlineData(213, "9223372036854775808", null)]
    [InlineData(213, "-1", null)]
    [InlineData(213, "3 bytes", null)]
    [InlineData(213, "", null)]
    [InlineData(550, "3", null)]
    public void A_size(int code, string text, long? size) => Assert.Equal(size, FtpValues.ParseSize(new FtpReply(code, [text])));

    [Theory]
    [InlineData("20261120141350", "2026-11-20T14:13:50")]
    [InlineData("20261120141350.123", "2026-11-20T14:13:50")]
    [InlineData("20161231235960", "2016-12-31T23:59:59")]
    [InlineData("20230229000000", null)]
    [InlineData("00000101000000", null)]
    [InlineData("20261320141350", null)]
    [InlineData("20261120241350", null)]
    [InlineData("2026112014135", null)]
    [InlineData("202611201413501", null)]
    [InlineData("+0261120141350", null)]
    [InlineData("", null)]
    public void A_time(string text, string? time) =>
        Assert.Equal(time, FtpValues.ParseTime(new FtpReply(213, [text]))?.UtcDateTime.ToString("s", System.Globalization.CultureInfo.InvariantCulture));
}
