using System.Text;
using Gateway.Ftps.Protocol;

namespace Gateway.UnitTests.Ftps.Protocol;

public sealed class FtpReplyReaderTests
{
    public static TheoryData<int> PieceSizes => [1, 2, 3, 7, 100_000];

    [Theory]
    [MemberData(nameof(PieceSizes))]
    public async Task Replies_of_one_and_of_many_lines_are_told_apart_however_they_are_split(int pieceSize)
    {
        var reader = Read("220 hello\r\n211-Features:\r\n SIZE\r\n 211 not yet\r\n211-nor now\r\n999 x\r\n211 End\r\n200\r\n250 \r\n", pieceSize);
        Assert.Equal("220 hello", (await reader.ReadAsync(default)).ToString());
        var features = await reader.ReadAsync(default);
        Assert.Equal(211, features.Code);
        Assert.Equal(["Features:", " SIZE", " 211 not yet", "211-nor now", "999 x", "End"], features.Lines);
        Assert.Equal("End", features.Text);
        Assert.Equal(200, (await reader.ReadAsync(default)).Code);
        Assert.Equal(["" ], (await reader.ReadAsync(default)).Lines);
        Assert.False(reader.HasUnread);
        await FailsAsync(reader, FtpFailure.ConnectionLost);
    }

    [Theory]
    [InlineData("opensesame", "530 No *** | for ***")]
    [InlineData("No", "530 No opensesame | for opensesame")]
    public async Task A_secret_that_the_server_repeats_is_not_kept_for_the_log(string secret, string shown) =>
        Assert.Equal(shown, (await Read("530-No opensesame\r\n530 for opensesame\r\n", 100).ReadAsync(default)).Without(secret).ToString());

    [Fact]
    public async Task Lines_may_end_without_a_carriage_return_and_hold_any_text()
    {
        var reader = Read("257-\n\n \n257 \"/a\"\"b \u00e9\0\" ok\n");
        var reply = await reader.ReadAsync(default);
        Assert.Equal(["", "", " ", "\"/a\"\"b \u00e9\0\" ok"], reply.Lines);
        Assert.DoesNotContain('\0', reply.ToString());
    }

    [Fact]
    public async Task What_follows_a_reply_is_kept_and_seen()
    {
        var reader = Read("234 go\r\n230 you are logged in\r\n");
        Assert.Equal(234, (await reader.ReadAsync(default)).Code);
        Assert.True(reader.HasUnread);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "SSH")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "HTTP")]
    [InlineData("<!DOCTYPE HTML>\r\n", "HTTP")]
    [InlineData("\r\n", "not an FTP reply")]
    [InlineData("22\r\n", "not an FTP reply")]
    [InlineData("2200 x\r\n", "not an FTP reply")]
    [InlineData("099 x\r\n", "not an FTP reply")]
    [InlineData("631 x\r\n", "not an FTP reply")]
    [InlineData("2x0 x\r\n", "not an FTP reply")]
    [InlineData(" 220 x\r\n", "not an FTP reply")]
    [InlineData("\u0016\u0003\u0001\n", "not an FTP reply")]
    public async Task What_is_no_reply_is_named(string text, string expected)
    {
        var failure = await FailsAsync(Read(text), FtpFailure.Protocol);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("220 he")]
    [InlineData("220-hello\r\n more\r\n")]
    [InlineData("220-hello\r\n220")]
    [InlineData("")]
    public async Task An_end_within_a_reply_is_a_lost_connection(string text) => await FailsAsync(Read(text), FtpFailure.ConnectionLost);

    [Theory]
    [MemberData(nameof(PieceSizes))]
    public async Task A_line_has_a_longest_length(int pieceSize)
    {
        var longest = "220 " + new string('x', FtpReplyReader.MaxLineBytes - 5);
        Assert.Equal(220, (await Read(longest + "\n", pieceSize).ReadAsync(default)).Code);
        await FailsAsync(Read(longest + new string('x', 200_000), pieceSize), FtpFailure.Protocol);
    }

    [Fact]
    public async Task A_reply_has_a_largest_number_of_lines()
    {
        var lines = string.Concat(Enumerable.Repeat("x\r\n", FtpReplyReader.MaxLines - 1));
        Assert.Equal(FtpReplyReader.MaxLines, (await Read("220-a\r\n" + lines[..^3] + "220 z\r\n").ReadAsync(default)).Lines.Count);
        await FailsAsync(Read("220-a\r\n" + lines + "220 z\r\n"), FtpFailure.Protocol);
    }

    private static FtpReplyReader Read(string text, int pieceSize = int.MaxValue) => new(new PiecesStream(Encoding.UTF8.GetBytes(text), pieceSize));

    private static async Task<FtpException> FailsAsync(FtpReplyReader reader, FtpFailure failure)
    {
        var thrown = await Assert.ThrowsAsync<FtpException>(() => reader.ReadAsync(default).AsTask());
        Assert.Equal(failure, thrown.Failure);
        return thrown;
    }
}
