namespace Gateway.Sftp.Transport;

/// <summary>Which line of ssh's log means what. Texts as OpenSSH 8.5 to 10 write them.</summary>
internal static class SshFailureRules
{
    // The first rule that finds its words wins: what names a cause comes before what only says that the connection ended.
    private static readonly Rule[] s_rules =
    [
        // ssh itself, before anything is sent.
        new(SshFailureKind.NoUserEntry, SshPhase.Connecting, SshPhase.Connecting, "No user exists for uid"),
        new(SshFailureKind.ClientTooOld, SshPhase.Connecting, SshPhase.Connecting, "Bad configuration option"),
        new(SshFailureKind.ClientTooOld, SshPhase.Connecting, SshPhase.Connecting, "command-line: line 0"),
        new(SshFailureKind.NameNotResolved, SshPhase.Connecting, SshPhase.Connecting, "Could not resolve hostname"),
        new(SshFailureKind.ConnectionRefused, SshPhase.Connecting, SshPhase.Connecting, "Connection refused"),
        new(SshFailureKind.ConnectTimeout, SshPhase.Connecting, SshPhase.Connecting, "Connection timed out"),
        new(SshFailureKind.NetworkUnreachable, SshPhase.Connecting, SshPhase.Connecting, "No route to host"),
        new(SshFailureKind.NetworkUnreachable, SshPhase.Connecting, SshPhase.Connecting, "Network is unreachable"),
        new(SshFailureKind.NetworkUnreachable, SshPhase.Connecting, SshPhase.Connecting, "ssh: connect to host"),

        // A jump host that is logged in to and does not let us through.
        new(SshFailureKind.JumpRefused, SshPhase.Greeting, SshPhase.Greeting, "stdio forwarding failed"),

        // The greeting.
        new(SshFailureKind.ServerBusy, SshPhase.Connecting, SshPhase.Greeting, "Exceeded MaxStartups"),
        new(SshFailureKind.ServerBusy, SshPhase.Connecting, SshPhase.Greeting, "Not allowed at this time"),
        new(SshFailureKind.NotSsh, SshPhase.Connecting, SshPhase.Greeting, "kex_exchange_identification: banner line"),
        new(SshFailureKind.NotSsh, SshPhase.Connecting, SshPhase.Greeting, "kex_exchange_identification: banner exceeded"),
        new(SshFailureKind.NotSsh, SshPhase.Connecting, SshPhase.Greeting, "kex_exchange_identification: No SSH identification"),
        new(SshFailureKind.NotSsh, SshPhase.Connecting, SshPhase.Greeting, "banner line contains invalid characters"),
        new(SshFailureKind.GreetingTimeout, SshPhase.Connecting, SshPhase.Greeting, "timed out during banner exchange"),
        new(SshFailureKind.GreetingTimeout, SshPhase.Connecting, SshPhase.Greeting, "Connection timed out"),

        // Key exchange and the host key.
        new(SshFailureKind.HostKeyRevoked, SshPhase.KeyExchange, SshPhase.KeyExchange, "is marked as revoked"),
        new(SshFailureKind.HostKeyChanged, SshPhase.KeyExchange, SshPhase.KeyExchange, "REMOTE HOST IDENTIFICATION HAS CHANGED"),
        new(SshFailureKind.HostKeyCheckFailed, SshPhase.KeyExchange, SshPhase.KeyExchange, "KnownHostsCommand"),
        new(SshFailureKind.HostKeyUnknown, SshPhase.KeyExchange, SshPhase.KeyExchange, "host key is known for"),
        new(SshFailureKind.HostKeyUnknown, SshPhase.KeyExchange, SshPhase.KeyExchange, "Host key verification failed"),
        new(SshFailureKind.NoCommonAlgorithm, SshPhase.Greeting, SshPhase.KeyExchange, "Unable to negotiate with"),
        new(SshFailureKind.NoCommonAlgorithm, SshPhase.Greeting, SshPhase.KeyExchange, "Protocol major versions differ"),

        // The login.
        new(SshFailureKind.TooManyAuthenticationFailures, SshPhase.Authenticating, SshPhase.Authenticating, "Too many authentication failures"),
        new(SshFailureKind.KeyFileUnusable, SshPhase.Authenticating, SshPhase.Authenticating, "UNPROTECTED PRIVATE KEY FILE"),
        new(SshFailureKind.KeyFileUnusable, SshPhase.Authenticating, SshPhase.Authenticating, "Load key \""),
        new(SshFailureKind.AuthenticationRefused, SshPhase.Authenticating, SshPhase.Authenticating, ": Permission denied ("),
        new(SshFailureKind.AuthenticationRefused, SshPhase.Authenticating, SshPhase.Authenticating, "No supported authentication methods available"),

        // The session.
        new(SshFailureKind.NoSftp, SshPhase.Ready, SshPhase.Ready, "subsystem request failed on channel"),
        new(SshFailureKind.NoSftp, SshPhase.Ready, SshPhase.Ready, "open failed: administratively prohibited"),
        new(SshFailureKind.ConnectionLost, SshPhase.Ready, SshPhase.Ready, "Timeout, server "),
        new(SshFailureKind.ConnectionLost, SshPhase.Ready, SshPhase.Ready, "Broken pipe"),
        new(SshFailureKind.ConnectionLost, SshPhase.Ready, SshPhase.Ready, "Connection reset"),
    ];

    /// <summary>The meaning of a log, or null.</summary>
    public static SshFailureKind? Find(string[] lines, SshPhase phase)
    {
        foreach (var rule in s_rules)
        {
            if (phase >= rule.From && phase <= rule.To && lines.Any(line => line.Contains(rule.Words, StringComparison.Ordinal)))
            {
                return rule.Kind;
            }
        }

        return null;
    }

    /// <summary>Whether a debug line belongs into a log entry.</summary>
    public static bool IsTelling(string line) =>
        line.Contains("kex_exchange_identification", StringComparison.Ordinal)
        || line.StartsWith("debug1: Server host ", StringComparison.Ordinal)
        || line.StartsWith("debug1: Remote protocol version ", StringComparison.Ordinal)
        || line.StartsWith("debug1: Authentications that can continue", StringComparison.Ordinal);

    private sealed record Rule(SshFailureKind Kind, SshPhase From, SshPhase To, string Words);
}
