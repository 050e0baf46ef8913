namespace Gateway.Sftp.Transport;

/// <summary>What people read: what happened, and what to change under which key.</summary>
internal static class SshFailureSentence
{
    /// <param name="kind">The failure.</param>
    /// <param name="who">The server it concerns, at the beginning of a sentence.</param>
    /// <param name="offered">The host keys it showed.</param>
    public static string Of(SshFailureKind kind, string who, IReadOnlyList<OfferedHostKey> offered)
    {
        var key = offered.Count == 0 ? "" : $" It showed {string.Join(", ", offered.Select(shown => $"{shown.Fingerprint} ({shown.Type})"))}.";
        return kind switch
        {
            SshFailureKind.AuthenticationRefused =>
                $"{who} refused the account's credentials. Check Username, and Sftp:PrivateKeyFile or PasswordFile.",
            SshFailureKind.TooManyAuthenticationFailures =>
                $"{who} ended the login after too many failed attempts. Check Username, and Sftp:PrivateKeyFile or PasswordFile.",
            SshFailureKind.UnexpectedQuestion =>
                $"{who} asked a question that only a person can answer (a second factor, a new password), or refused the password. "
                + "Use an account that logs in with a key, or with a password alone.",
            SshFailureKind.PasswordExpired =>
                $"{who} wants a new password: the account's has expired. Change it on the server, then in PasswordFile.",
            SshFailureKind.KeyFileUnusable =>
                "The private key cannot be used. Check Sftp:PrivateKeyFile and Sftp:PassphraseFile.",
            SshFailureKind.HostKeyUnknown =>
                $"{who}'s host key is neither in Sftp:HostKeyFingerprints nor in Sftp:KnownHostsFile.{key} "
                + "Compare it with the server's own ('ssh-keygen -lf' there) before adding it.",
            SshFailureKind.HostKeyChanged =>
                $"{who}'s host key is not the one in Sftp:KnownHostsFile.{key} "
                + "Either the key was renewed, or somebody answers in the server's place: ask its operator before changing the file.",
            SshFailureKind.HostKeyRevoked =>
                $"{who}'s host key is marked as revoked in Sftp:KnownHostsFile.{key} The server needs a new key.",
            SshFailureKind.HostKeyCheckFailed =>
                $"{who}'s host key could not be checked: /bin/sh did not run. Host key pinning needs a shell in the gateway's image.",
            SshFailureKind.NameNotResolved => $"{who}'s name does not resolve. Check Host, and the name service.",
            SshFailureKind.ConnectionRefused => $"{who} refuses connections on this port. Check Host and Port, and whether the server runs.",
            SshFailureKind.NetworkUnreachable => $"{who} cannot be reached. Check Host, routing and firewalls.",
            SshFailureKind.JumpRefused => "The jump host does not forward to the server. Check Host and Port, and AllowTcpForwarding on the jump host.",
            SshFailureKind.ConnectTimeout => $"{who} does not answer. Check Host, Port and firewalls.",
            SshFailureKind.GreetingTimeout => $"{who} accepted the connection and sent no SSH greeting in time. Check Port, or raise Sftp:BannerTimeout.",
            SshFailureKind.LoginTimeout => $"{who} did not complete the login in time. It may be overloaded; Pool:ConnectTimeout is the limit.",
            SshFailureKind.SftpTimeout => $"{who} accepted the login and its SFTP did not answer in time. Check what runs as the account's sftp subsystem.",
            SshFailureKind.NotSsh => $"{who}'s port speaks something else than SSH. Check Port.",
            SshFailureKind.ServerBusy =>
                $"{who} accepts no more logins for now. Lower Pool:MaxConcurrentHandshakes, or raise MaxStartups on the server.",
            SshFailureKind.ClosedDuringLogin =>
                $"{who} closed the connection during the login. It may be over its limit of logins (MaxStartups), or refuse this address.",
            SshFailureKind.NoCommonAlgorithm => $"{who} and the gateway's ssh have no algorithm in common. The server's SSH is too old or too restricted.",
            SshFailureKind.NoSftp => $"{who} accepted the login and offers no SFTP to this account. Enable the sftp subsystem for it.",
            SshFailureKind.ConnectionLost => $"The connection to {char.ToLowerInvariant(who[0])}{who[1..]} was lost.",
            SshFailureKind.Killed => "The ssh process was ended by a signal.",
            SshFailureKind.ClientMissing => "There is no ssh program. Install openssh-client where the gateway runs.",
            SshFailureKind.ClientTooOld => $"The ssh program is too old. Install openssh-client {SshProgram.OldestVersion} or newer.",
            SshFailureKind.NoUserEntry => "The gateway's user id has no entry in /etc/passwd, and ssh demands one. Add one to the image.",
            SshFailureKind.SystemLimit => "The system refused a process, a descriptor or a terminal. Raise the gateway's limits.",
            _ => $"{who} did not let the gateway in. The log has ssh's own words.",
        };
    }
}
