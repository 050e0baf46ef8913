using System.Text;
using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp.Transport;

public sealed class SshLogTests
{
    private const string Connected = "debug1: Connection established.\r\n";
    private const string Greeted = "debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1\r\n";
    private const string Keyed = "debug1: SSH2_MSG_NEWKEYS received\r\n";
    private const string LoggedIn = "Authenticated to files ([10.0.0.7]:22) using \"publickey\".\r\n";

    [Fact]
    public void A_login_passes_through_its_phases()
    {
        var log = new SshLog(logins: 1);
        Assert.Equal(SshPhase.Connecting, log.Phase);

        Append(log, Connected);
        Assert.Equal(SshPhase.Greeting, log.Phase);
        Assert.True(log.GreetingAwaited.IsCompleted);
        Assert.False(log.Greeted.IsCompleted);

        Append(log, Greeted);
        Assert.Equal(SshPhase.KeyExchange, log.Phase);
        Assert.True(log.Greeted.IsCompleted);

        Append(log, Keyed);
        Assert.Equal(SshPhase.Authenticating, log.Phase);
        Assert.False(log.Ready.IsCompleted);

        Append(log, LoggedIn);
        Assert.Equal(SshPhase.Ready, log.Phase);
        Assert.True(log.Ready.IsCompleted);
    }

    [Fact]
    public void The_phase_follows_lines_that_arrive_in_pieces()
    {
        var log = new SshLog(logins: 1);
        foreach (var b in Encoding.UTF8.GetBytes(Connected + Greeted))
        {
            log.Append([b]);
        }

        Assert.Equal(SshPhase.KeyExchange, log.Phase);
    }

    [Fact]
    public void Behind_a_jump_host_the_login_is_done_when_the_target_has_accepted_it()
    {
        var log = new SshLog(logins: 2);
        Append(log, Connected + Greeted + Keyed + LoggedIn);

        Assert.Equal((SshPhase.Greeting, 1), (log.Phase, log.Hop));
        Assert.False(log.Ready.IsCompleted);

        Append(log, Greeted + Keyed + LoggedIn);
        Assert.Equal((SshPhase.Ready, 1), (log.Phase, log.Hop));
        Assert.True(log.Ready.IsCompleted);
    }

    [Fact]
    public void A_banner_cannot_claim_a_login_before_the_host_key_is_accepted()
    {
        var log = new SshLog(logins: 1);

        Append(log, Connected + LoggedIn + Greeted + LoggedIn);

        Assert.Equal(SshPhase.KeyExchange, log.Phase);
    }

    [Fact]
    public void The_beginning_and_the_end_of_a_long_text_are_kept_and_no_more_than_16_KiB()
    {
        var log = new SshLog(logins: 1);
        Append(log, "the very first line\n");
        for (var i = 0; i < 100_000; i++)
        {
            Append(log, $"debug1: line {i} of a talkative server\n");
        }

        Append(log, "client_loop: send disconnect: Broken pipe\n");

        Assert.StartsWith("the very first line\n", log.Text, StringComparison.Ordinal);
        Assert.EndsWith("client_loop: send disconnect: Broken pipe\n", log.Text, StringComparison.Ordinal);
        Assert.Matches(@"\n\[\d+ lines left out\]\n", log.Text);
        Assert.InRange(log.Text.Length, 8 * 1024, (16 * 1024) + 64);
    }

    [Fact]
    public void A_line_without_an_end_does_not_grow()
    {
        var log = new SshLog(logins: 1);
        for (var i = 0; i < 1000; i++)
        {
            Append(log, new string('x', 1000));
        }

        Assert.InRange(log.Text.Length, 1, 4096);
    }

    [Fact]
    public void Text_that_is_not_UTF_8_and_characters_cut_in_two_do_no_harm()
    {
        var log = new SshLog(logins: 1);
        log.Append([0xff, 0xfe, (byte)'a', 0xc3]);
        log.Append([0xa4, (byte)'\n']);

        Assert.Equal("\ufffd\ufffdaä\n", log.Text);
    }

    private static void Append(SshLog log, string text)
    {
        foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(4096))
        {
            log.Append(piece);
        }
    }
}
