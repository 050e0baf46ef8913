namespace Gateway.Sftp.Transport;

/// <summary>Which words of ssh mean what, in which phase of a login. Texts as OpenSSH 8.5 to 10 write them.</summary>
internal static class SshFailureRules
{
    private const SshPhase Connecting = SshPhase.Connecting;
    private const SshPhase Greeting = SshPhase.Greeting;
    private const SshPhase KeyExchange = SshPhase.KeyExchange;
    private const SshPhase Authenticating = SshPhase.Authenticating;
    private const SshPhase Ready = SshPhase.Ready;

    // The first rule whose words are found wins: what names a cause stands before what only says that the connection ended.
    private static readonly Rule[] s_rules =
    [
        // ssh itself, before anything is sent.
        new(Connecting, "No user exists for uid", SshFailureKind.NoUserEntry),
        new(Connecting, "Bad configuration option", SshFailureKind.ClientTooOld),
        new(Connecting, "command-line line 0: ", SshFailureKind.ClientTooOld),
        new(Connecting, "command-line: line 0: ", SshFailureKind.ClientTooOld),
        new(Connecting, "Could not resolve hostname", SshFailureKind.NameNotResolved),
        new(Connecting, "Connection refused", SshFailureKind.ConnectionRefused),
        new(Connecting, "timed out", SshFailureKind.ConnectTimeout),
        new(Connecting, "ssh: connect to host", SshFailureKind.NetworkUnreachable),

        // A jump host that is logged in to and does not let us through.
        new(Greeting, "stdio forwarding failed", SshFailureKind.JumpRefused),
        new(Greeting, "Stdio forwarding request failed", SshFailureKind.JumpRefused),

        // The greeting.
        new(Greeting, "No SSH version received", SshFailureKind.NotSsh),
        new(Greeting, "banner line contains invalid characters", SshFailureKind.NotSsh),
        new(Greeting, "banner line too long", SshFailureKind.NotSsh),
        new(Greeting, "Bad remote protocol version identification", SshFailureKind.NotSsh),
        new(Greeting, "timed out", SshFailureKind.GreetingTimeout),

        // Key exchange and the host key.
        new(KeyExchange, "Protocol major versions differ", SshFailureKind.NoCommonAlgorithm),
        new(KeyExchange, "Unable to negotiate with", SshFailureKind.NoCommonAlgorithm),
        new(KeyExchange, "is marked as revoked", SshFailureKind.HostKeyRevoked),
        new(KeyExchange, "REMOTE HOST IDENTIFICATION HAS CHANGED", SshFailureKind.HostKeyChanged),
        new(KeyExchange, "KnownHostsCommand", SshFailureKind.HostKeyCheckFailed),
        new(KeyExchange, "Host key verification failed", SshFailureKind.HostKeyUnknown),
        new(KeyExchange, "timed out", SshFailureKind.LoginTimeout),

        // The login.
        new(Authenticating, "Too many authentication failures", SshFailureKind.TooManyAuthenticationFailures),
        new(Authenticating, "Your account has expired", SshFailureKind.AccountExpired),
        new(Authenticating, "UNPROTECTED PRIVATE KEY FILE", SshFailureKind.KeyFileTooOpen),
        new(Authenticating, "no such identity: ", SshFailureKind.KeyFileMissing),
        new(Authenticating, "\": Permission denied", SshFailureKind.KeyFileMissing),
        new(Authenticating, "Load key \"", SshFailureKind.KeyFileInvalid),
        new(Authenticating, ": Permission denied (", SshFailureKind.AuthenticationRefused),
        new(Authenticating, "No supported authentication methods available", SshFailureKind.AuthenticationRefused),
        new(Authenticating, "timed out", SshFailureKind.LoginTimeout),

        // The session. From here on most lines can be the server's.
        new(Ready, "Timeout, server ", SshFailureKind.ConnectionLost),
        new(Ready, "client_loop: send disconnect: ", SshFailureKind.ConnectionLost),
        new(Ready, "subsystem request failed on channel", SshFailureKind.NoSftp),
        new(Ready, "open failed: ", SshFailureKind.NoSftp),
        new(Ready, "assword has expired", SshFailureKind.PasswordExpired),
        new(Ready, "assword change required", SshFailureKind.PasswordExpired),
        new(Ready, "Connection reset", SshFailureKind.ConnectionLost),
        new(Ready, "Connection closed by", SshFailureKind.ConnectionLost),
        new(Ready, "closed by remote host", SshFailureKind.ConnectionLost),
        new(Ready, "Broken pipe", SshFailureKind.ConnectionLost),
    ];

    /// <summary>The meaning of a log, or null.</summary>
    public static SshFailureKind? Find(SshEvidence evidence, SshPhase phase)
    {
        if (phase == Greeting && evidence.Greeting.Count > 0)
        {
            return FindInGreeting(evidence.Greeting);
        }

        foreach (var rule in s_rules)
        {
            if (rule.Phase == phase && evidence.Messages.Any(line => line.Contains(rule.Words, StringComparison.Ordinal)))
            {
                return rule.Kind;
            }
        }

        return null;
    }

    /// <summary>sshd explains itself in a line before its greeting; anything else there is another protocol.</summary>
    private static SshFailureKind FindInGreeting(IReadOnlyList<string> lines) =>
        lines.Any(line => line.Contains("Exceeded MaxStartups", StringComparison.Ordinal) || line.Contains("Not allowed at this time", StringComparison.Ordinal))
            ? SshFailureKind.ServerBusy
            : SshFailureKind.NotSsh;

    private sealed record Rule(SshPhase Phase, string Words, SshFailureKind Kind);
}
