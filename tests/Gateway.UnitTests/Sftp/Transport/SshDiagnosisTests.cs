using System.ComponentModel;
using System.Text;
using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp.Transport;

public sealed class SshDiagnosisTests
{
    [Theory]
    [InlineData(SshFailureKind.NoUserEntry, "No user exists for uid 12345\n")]
    [InlineData(SshFailureKind.ClientTooOld, "command-line: line 0: Bad configuration option: knownhostscommand\n")]
    [InlineData(SshFailureKind.NameNotResolved, "ssh: Could not resolve hostname nonono.invalid: Name or service not known\n")]
    [InlineData(SshFailureKind.ConnectionRefused, "ssh: connect to host 127.0.0.1 port 1: Connection refused\n")]
    [InlineData(SshFailureKind.ConnectTimeout, "ssh: connect to host 10.255.255.1 port 22: Connection timed out\n")]
    [InlineData(SshFailureKind.NetworkUnreachable, "ssh: connect to host 2001:db8::1 port 22: Network is unreachable\n")]
    [InlineData(SshFailureKind.NetworkUnreachable, "ssh: connect to host 10.0.0.9 port 22: No route to host\n")]
    [InlineData(SshFailureKind.Unknown, "")]
    public void Before_a_connection(object kind, string words) => Assert.Equal(kind, KindOf(words));

    [Theory]
    [InlineData(SshFailureKind.NotSsh, "debug1: kex_exchange_identification: banner line 0: HTTP/1.1 400 Bad Request\nkex_exchange_identification: read: Connection reset by peer\nConnection reset by 127.0.0.1 port 42102\n")]
    [InlineData(SshFailureKind.NotSsh, "kex_exchange_identification: banner line contains invalid characters\nbanner exchange: Connection to 127.0.0.1 port 443: invalid format\n")]
    [InlineData(SshFailureKind.NotSsh, "kex_exchange_identification: No SSH version received in first 1024 lines from server\n")]
    [InlineData(SshFailureKind.ServerBusy, "debug1: kex_exchange_identification: banner line 0: Exceeded MaxStartups\nkex_exchange_identification: Connection closed by remote host\nConnection closed by 127.0.0.1 port 42022\n")]
    [InlineData(SshFailureKind.ServerBusy, "debug1: kex_exchange_identification: banner line 0: Not allowed at this time\nkex_exchange_identification: Connection closed by remote host\n")]
    [InlineData(SshFailureKind.ClosedDuringLogin, "kex_exchange_identification: Connection closed by remote host\nConnection closed by 127.0.0.1 port 42104\n")]
    [InlineData(SshFailureKind.ClosedDuringLogin, "kex_exchange_identification: read: Connection reset by peer\nConnection reset by 127.0.0.1 port 42104\n")]
    [InlineData(SshFailureKind.GreetingTimeout, "Connection timed out during banner exchange\nConnection to 127.0.0.1 port 42101 timed out\n")]
    public void While_the_greeting_is_awaited(object kind, string words) => Assert.Equal(kind, KindOf(SshTranscript.Connected + words));

    [Theory]
    [InlineData(SshFailureKind.HostKeyUnknown, "No ED25519 host key is known for [127.0.0.1]:42022 and you have requested strict checking.\nHost key verification failed.\n")]
    [InlineData(SshFailureKind.HostKeyUnknown, "Host key verification failed.\n")]
    [InlineData(SshFailureKind.HostKeyChanged, "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key for [127.0.0.1]:42022 has changed and you have requested strict checking.\nHost key verification failed.\n")]
    [InlineData(SshFailureKind.HostKeyRevoked, "@       WARNING: REVOKED HOST KEY DETECTED!               @\nThe ED25519 host key for [127.0.0.1]:42022 is marked as revoked.\nHost key verification failed.\n")]
    [InlineData(SshFailureKind.HostKeyCheckFailed, "KnownHostsCommand-ORDER /bin/sh -c \"...\" failed, status 127\nKnownHostsCommand failed\n")]
    [InlineData(SshFailureKind.NoCommonAlgorithm, "Unable to negotiate with 127.0.0.1 port 42305: no matching cipher found. Their offer: aes128-cbc\n")]
    [InlineData(SshFailureKind.NoCommonAlgorithm, "Protocol major versions differ: 2 vs. 1\n")]
    [InlineData(SshFailureKind.ClosedDuringLogin, "Connection closed by 127.0.0.1 port 42022\n")]
    public void During_key_exchange(object kind, string words) => Assert.Equal(kind, KindOf(SshTranscript.HostKeyShown + words));

    [Theory]
    [InlineData(SshFailureKind.AuthenticationRefused, "debug1: Authentications that can continue: publickey,password\nroot@127.0.0.1: Permission denied (publickey,password).\n")]
    [InlineData(SshFailureKind.AuthenticationRefused, "Received disconnect from 127.0.0.1 port 2222:14: No supported authentication methods available\n")]
    [InlineData(SshFailureKind.TooManyAuthenticationFailures, "Received disconnect from 127.0.0.1 port 42318:2: Too many authentication failures\nDisconnected from 127.0.0.1 port 42318\n")]
    [InlineData(SshFailureKind.AccountExpired, "Your account has expired; please contact your system administrator.\nConnection closed by 127.0.0.1 port 42315\n")]
    [InlineData(SshFailureKind.KeyFileTooOpen, "@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\nPermissions 0644 for '/keys/id' are too open.\nLoad key \"/keys/id\": bad permissions\nroot@127.0.0.1: Permission denied (publickey).\n")]
    [InlineData(SshFailureKind.KeyFileInvalid, "Load key \"/keys/id\": error in libcrypto\nroot@127.0.0.1: Permission denied (publickey).\n")]
    [InlineData(SshFailureKind.KeyFileInvalid, "Load key \"/keys/id\": invalid format\nroot@127.0.0.1: Permission denied (publickey).\n")]
    [InlineData(SshFailureKind.KeyFileMissing, "Load key \"/keys/id\": Permission denied\nroot@127.0.0.1: Permission denied (publickey).\n")]
    [InlineData(SshFailureKind.KeyFileMissing, "no such identity: /keys/id: No such file or directory\nroot@127.0.0.1: Permission denied (publickey).\n")]
    [InlineData(SshFailureKind.ClosedDuringLogin, "Connection closed by 127.0.0.1 port 42022\n")]
    public void During_the_login(object kind, string words) => Assert.Equal(kind, KindOf(SshTranscript.HostKeyAccepted + words));

    [Theory]
    [InlineData(SshFailureKind.NoSftp, "subsystem request failed on channel 0\n")]
    [InlineData(SshFailureKind.NoSftp, "channel 0: open failed: administratively prohibited: open failed\n")]
    [InlineData(SshFailureKind.PasswordExpired, "WARNING: Your password has expired.\nPassword change required but no TTY available.\n")]
    [InlineData(SshFailureKind.ConnectionLost, "Connection to 127.0.0.1 closed by remote host.\n")]
    public void Before_SFTP_answers(object kind, string words) => Assert.Equal(kind, KindOf(SshTranscript.InSession + words));

    [Theory]
    [InlineData("Timeout, server 127.0.0.1 not responding.\n")]
    [InlineData("client_loop: send disconnect: Broken pipe\n")]
    [InlineData("Read from remote host 127.0.0.1: Connection reset by peer\n")]
    [InlineData("Connection to 127.0.0.1 closed by remote host.\n")]
    [InlineData("")]
    public void Once_SFTP_has_answered_the_connection_is_lost(string words) =>
        Assert.Equal(SshFailureKind.ConnectionLost, KindOf(SshTranscript.InSession + words, isSftpRunning: true));

    [Fact]
    public void A_program_that_ends_without_speaking_SFTP_is_no_SFTP()
    {
        var exit = new SshExit(127, null, SshTranscript.InSession + "debug1: Exit status 127\n");

        Assert.Equal(SshFailureKind.NoSftp, Diagnose(exit).Kind);
    }

    [Fact]
    public void A_signal_from_outside_is_named() =>
        Assert.Equal(SshFailureKind.Killed, Diagnose(new SshExit(null, 9, SshTranscript.InSession)).Kind);

    [Theory]
    [InlineData("debug1: Offering public key: /keys/id ED25519 SHA256:x explicit\ndebug1: Server accepts key: /keys/id ED25519 SHA256:x explicit\n")]
    [InlineData("debug1: Trying private key: /keys/id\n")]
    public void A_wrong_passphrase_is_known_by_the_silence_after_the_key(string words)
    {
        var log = SshTranscript.HostKeyAccepted + words + "debug1: No more authentication methods to try.\nroot@127.0.0.1: Permission denied (publickey).\n";
        var command = new SshCommand { Host = "files", Username = "root", PrivateKeyFile = "/keys/id", Passphrase = "wrong" };

        Assert.Equal(SshFailureKind.PassphraseWrong, Diagnose(new SshExit(255, null, log), command).Kind);
    }

    [Fact]
    public void A_key_that_the_server_refused_is_no_matter_of_the_passphrase()
    {
        var log = SshTranscript.HostKeyAccepted + """
            debug1: Offering public key: /keys/id ED25519 SHA256:x explicit
            debug1: Authentications that can continue: publickey
            debug1: No more authentication methods to try.
            root@127.0.0.1: Permission denied (publickey).

            """;
        var command = new SshCommand { Host = "files", Username = "root", PrivateKeyFile = "/keys/id", Passphrase = "right" };

        Assert.Equal(SshFailureKind.AuthenticationRefused, Diagnose(new SshExit(255, null, log), command).Kind);
    }

    [Fact]
    public void A_server_that_says_something_else_and_then_nothing_speaks_no_SSH()
    {
        const string Log = SshTranscript.Connected + "debug1: kex_exchange_identification: banner line 0: 220 mail ESMTP\n";

        Assert.Equal(SshFailureKind.NotSsh, Diagnose(new SshExit(null, 15, Log), verdict: SshFailureKind.GreetingTimeout).Kind);
        Assert.Equal(SshFailureKind.GreetingTimeout, Diagnose(new SshExit(null, 15, SshTranscript.Connected), verdict: SshFailureKind.GreetingTimeout).Kind);
    }

    [Fact]
    public void What_a_banner_says_is_not_taken_for_ssh_s_own_words()
    {
        const string Banner = """
            WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!
            Connection refused to unauthorised users. No user exists for uid 0.
            subsystem request failed on channel 0

            """;

        Assert.Equal(
            SshFailureKind.AuthenticationRefused,
            KindOf(SshTranscript.HostKeyAccepted + Banner + "root@127.0.0.1: Permission denied (publickey).\n"));
    }

    [Fact]
    public void A_secret_or_a_word_of_the_server_or_a_path_never_gets_into_the_sentence()
    {
        const string Log = SshTranscript.HostKeyAccepted + "Welcome to ACME internal host srv42\nLoad key \"/keys/id\": error in libcrypto\nroot@127.0.0.1: Permission denied (publickey).\n";

        var failure = Diagnose(new SshExit(255, null, Log));

        Assert.DoesNotContain("ACME", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/keys/id", failure.Message, StringComparison.Ordinal);
        Assert.Contains("ACME", failure.Diagnostic, StringComparison.Ordinal);
        Assert.DoesNotContain("debug1: SSH2_MSG", failure.Diagnostic, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_that_the_server_repeats_is_not_kept_for_the_log()
    {
        const string Log = SshTranscript.HostKeyAccepted + "You typed opensesame, and meant opensesame2?\nroot@127.0.0.1: Permission denied (password).\n";

        var failure = Diagnose(new SshExit(255, null, Log), new SshCommand { Host = "files", Username = "root", Password = "opensesame" });

        Assert.Contains("You typed ***, and meant ***2?", failure.Diagnostic, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_host_key_is_named_so_that_it_can_be_compared_and_pinned()
    {
        var failure = Diagnose(new SshExit(255, null, SshTranscript.HostKeyShown + "Host key verification failed.\n"));

        Assert.Contains("SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU (ssh-ed25519)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Sftp:HostKeyFingerprints", failure.Message, StringComparison.Ordinal);
        Assert.Equal(new OfferedHostKey("ssh-ed25519", "SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU", 0), failure.OfferedHostKey);
    }

    [Fact]
    public void Missing_algorithms_are_named_as_far_as_they_look_like_algorithms()
    {
        var named = Diagnose(new SshExit(255, null, SshTranscript.Greeted + "Unable to negotiate with 127.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa,ssh-dss\n"));
        var hostile = Diagnose(new SshExit(255, null, SshTranscript.Greeted + "Unable to negotiate with 127.0.0.1 port 22: no matching cipher found. Their offer: <script>\n"));

        Assert.Contains("no host key type in common. It offers ssh-rsa,ssh-dss.", named.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("script", hostile.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_that_may_log_in_by_other_means_only_is_told_which()
    {
        var command = new SshCommand { Host = "files", Username = "root", Password = "x" };

        var failure = Diagnose(new SshExit(255, null, SshTranscript.HostKeyAccepted + "root@127.0.0.1: Permission denied (publickey).\n"), command);

        Assert.Contains("by publickey only. Set Sftp:PrivateKeyFile.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_wants_a_second_credential_is_told_from_one_that_refuses_the_first()
    {
        const string Log = SshTranscript.HostKeyAccepted + "Authenticated using \"publickey\" with partial success.\nroot@127.0.0.1: Permission denied (keyboard-interactive).\n";

        Assert.Contains("wants another as well, by keyboard-interactive", Diagnose(new SshExit(255, null, Log)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SshFailureKind.AuthenticationRefused, SshTranscript.HostKeyAccepted + "ops@gate: Permission denied (publickey).\nkex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n")]
    [InlineData(SshFailureKind.ConnectionRefused, "ssh: connect to host gate port 2: Connection refused\nkex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n")]
    [InlineData(SshFailureKind.HostKeyUnknown, SshTranscript.HostKeyShown + "Host key verification failed.\nkex_exchange_identification: Connection closed by remote host\n")]
    public void A_jump_host_that_fails_is_named(object kind, string log)
    {
        var failure = Diagnose(new SshExit(255, null, log), Behind("gate"));

        Assert.Equal(kind, failure.Kind);
        Assert.StartsWith("The jump host gate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_happens_behind_the_jump_host_concerns_the_server()
    {
        const string Log = SshTranscript.LoggedIn + "debug1: Remote protocol version 2.0, remote software version X\ndebug1: Server host key: ssh-rsa SHA256:ybad++v2f/TgEf7WhWe/uT6/QGaOi/IX9AVQ4MGpWN4\nHost key verification failed.\n";

        var failure = Diagnose(new SshExit(255, null, Log), Behind("gate"));

        Assert.StartsWith("The server's host key", failure.Message, StringComparison.Ordinal);
        Assert.Equal(new OfferedHostKey("ssh-rsa", "SHA256:ybad++v2f/TgEf7WhWe/uT6/QGaOi/IX9AVQ4MGpWN4", 1), failure.OfferedHostKey);
    }

    [Fact]
    public void A_jump_host_that_does_not_let_through_is_told_from_one_that_refuses()
    {
        const string Log = SshTranscript.LoggedIn + "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\nkex_exchange_identification: Connection closed by remote host\n";

        Assert.Equal(SshFailureKind.JumpRefused, Diagnose(new SshExit(255, null, Log), Behind("gate")).Kind);
    }

    [Theory]
    [InlineData("", SshFailureKind.ConnectTimeout)]
    [InlineData(SshTranscript.Connected, SshFailureKind.GreetingTimeout)]
    [InlineData(SshTranscript.Greeted, SshFailureKind.LoginTimeout)]
    [InlineData(SshTranscript.HostKeyAccepted, SshFailureKind.LoginTimeout)]
    [InlineData(SshTranscript.InSession, SshFailureKind.SftpTimeout)]
    public void A_login_that_takes_too_long_tells_what_it_was_waiting_for(string log, object kind)
    {
        var failure = SshDiagnosis.OfTimeout(ProgressOf(log, 1, false), TimeSpan.FromSeconds(15), NewCommand(), log);

        Assert.Equal(kind, failure.Kind);
        Assert.EndsWith("The limit was 15 s.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_is_told_from_an_exhausted_system()
    {
        Assert.Equal(SshFailureKind.ClientMissing, SshDiagnosis.OfStart(new Win32Exception(2)).Kind);
        Assert.Equal(SshFailureKind.SystemLimit, SshDiagnosis.OfStart(new Win32Exception(24)).Kind);
    }

    [Fact]
    public void Every_failure_has_a_sentence_of_its_own()
    {
        var sentences = Enum.GetValues<SshFailureKind>().Select(kind => SshFailureSentence.Of(kind, "The server")).ToArray();

        Assert.Equal(sentences.Distinct(StringComparer.Ordinal), sentences);
        Assert.All(sentences, sentence => Assert.EndsWith(".", sentence, StringComparison.Ordinal));
    }

    private static SshFailureKind KindOf(string log, bool isSftpRunning = false) =>
        Diagnose(new SshExit(255, null, log), isSftpRunning: isSftpRunning).Kind;

    private static SshFailure Diagnose(SshExit exit, SshCommand? command = null, SshFailureKind? verdict = null, bool isSftpRunning = false)
    {
        command ??= NewCommand();
        return SshDiagnosis.OfExit(exit, ProgressOf(exit.Log, command.Jumps.Count + 1, isSftpRunning), command, verdict);
    }

    private static SshProgress ProgressOf(string text, int logins, bool isSftpRunning)
    {
        var log = new SshLog(logins);
        foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(4096))
        {
            log.Append(piece);
        }

        return new SshProgress(log.Phase, log.Hop, isSftpRunning);
    }

    private static SshCommand NewCommand() => new() { Host = "files", Username = "root", PrivateKeyFile = "/keys/id" };

    private static SshCommand Behind(string jumpHost) =>
        new() { Host = "files", Username = "root", PrivateKeyFile = "/keys/id", Jumps = [new JumpHost("ops", jumpHost, 22)] };
}
