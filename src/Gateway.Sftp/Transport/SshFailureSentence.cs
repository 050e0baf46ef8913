namespace Gateway.Sftp.Transport;

/// <summary>What people read: what happened, and what to change under which key. Free of paths, secrets and the server's own words.</summary>
internal static class SshFailureSentence
{
    /// <summary>A failure that leaves no evidence behind.</summary>
    public static string Of(SshFailureKind kind, string who) => Of(kind, who, null, [], null);

    /// <param name="kind">The failure.</param>
    /// <param name="who">The server it concerns, at the beginning of a sentence: <c>The server</c>, <c>The jump host NAME</c>.</param>
    /// <param name="evidence">ssh's log, where there is one.</param>
    /// <param name="hostKeys">The host keys that the server showed.</param>
    /// <param name="command">What ssh was told, where it matters.</param>
    public static string Of(SshFailureKind kind, string who, SshEvidence? evidence, IReadOnlyList<OfferedHostKey> hostKeys, SshCommand? command)
    {
        var isJump = !who.Equals("The server", StringComparison.Ordinal);
        var address = isJump ? "Sftp:ProxyJump" : "Host and Port";
        var shown = hostKeys.Count == 0 ? "" : $" It showed {string.Join(", ", hostKeys.Select(key => $"{key.Fingerprint} ({key.Type})"))}.";
        return kind switch
        {
            SshFailureKind.AuthenticationRefused => Refused(who, evidence, command),
            SshFailureKind.TooManyAuthenticationFailures =>
                $"{who} ended the login after too many failed attempts. Check Username, and Sftp:PrivateKeyFile or PasswordFile.",
            SshFailureKind.UnexpectedQuestion =>
                $"{who} asked a question that only a person can answer, such as a second factor's code. Use an account that logs in with a key or a password alone.",
            SshFailureKind.PasswordExpired =>
                $"{who} wants a new password: the account's has expired. Change it on the server, then in PasswordFile.",
            SshFailureKind.AccountExpired => $"{who} says that the account has expired. Have it renewed on the server.",
            SshFailureKind.KeyFileMissing =>
                "The file named by Sftp:PrivateKeyFile is gone, or the gateway may no longer read it.",
            SshFailureKind.KeyFileTooOpen =>
                "The file named by Sftp:PrivateKeyFile can be read by others, and ssh then refuses it. Set its mode to 0600.",
            SshFailureKind.KeyFileInvalid =>
                "The file named by Sftp:PrivateKeyFile holds no private key that ssh can read. Write it as ssh-keygen made it, complete and unchanged.",
            SshFailureKind.PassphraseWrong =>
                "The passphrase in Sftp:PassphraseFile does not open the key in Sftp:PrivateKeyFile.",
            SshFailureKind.HostKeyUnknown =>
                $"{who}'s host key is neither in Sftp:HostKeyFingerprints nor in Sftp:KnownHostsFile.{shown} "
                + "Compare that with what 'ssh-keygen -lf' prints on the server; if it is the same, add it to Sftp:HostKeyFingerprints.",
            SshFailureKind.HostKeyChanged =>
                $"{who}'s host key is not the one in Sftp:KnownHostsFile.{shown} "
                + "Either the key was renewed, or somebody answers in the server's place: ask the server's operator before changing the file.",
            SshFailureKind.HostKeyRevoked =>
                $"{who}'s host key is marked as revoked in Sftp:KnownHostsFile.{shown} The server needs another key.",
            SshFailureKind.HostKeyCheckFailed =>
                $"{who}'s host key could not be compared with Sftp:HostKeyFingerprints: /bin/sh did not run. Put a shell into the gateway's image, or use Sftp:KnownHostsFile.",
            SshFailureKind.NameNotResolved => $"{who}'s name does not resolve. Check {(isJump ? address : "Host")}, and the name service.",
            SshFailureKind.ConnectionRefused => $"{who} refuses connections on this port. Check {address}, and whether the server runs.",
            SshFailureKind.NetworkUnreachable => $"{who} cannot be reached. Check {address}, routing and firewalls.",
            SshFailureKind.JumpRefused =>
                "The last jump host does not connect the gateway to the server. Check Host and Port, and AllowTcpForwarding on the jump host.",
            SshFailureKind.ConnectTimeout => $"{who} does not answer. Check {address}, and firewalls.",
            SshFailureKind.GreetingTimeout =>
                $"{who} accepted the connection and sent no SSH greeting in time. Check {address}; for a slow server raise Sftp:BannerTimeout and Pool:ConnectTimeout.",
            SshFailureKind.LoginTimeout => $"{who} did not complete the login in time. For a slow server raise Pool:ConnectTimeout.",
            SshFailureKind.SftpTimeout =>
                $"{who} accepted the login, and its SFTP did not answer in time. Check what the server runs as the account's sftp subsystem.",
            SshFailureKind.NotSsh => $"{who}'s port speaks something else than SSH. Check {address}.",
            SshFailureKind.ServerBusy =>
                $"{who} accepts no more logins for now. Lower Pool:MaxConcurrentHandshakes, or raise MaxStartups on the server; it may also penalise this address for earlier failures.",
            SshFailureKind.ClosedDuringLogin =>
                $"{who} closed the connection during the login without a reason. It may be over its limit of logins (MaxStartups), or block this address.",
            SshFailureKind.NoCommonAlgorithm => NothingInCommon(who, evidence),
            SshFailureKind.NoSftp =>
                $"{who} accepted the login and offers no SFTP to this account. Enable the sftp subsystem for it, and see that no login script, ForceCommand or expired password stands in its way.",
            SshFailureKind.ConnectionLost => "The connection to the server was lost.",
            SshFailureKind.Killed => "The ssh process that carried the connection was ended from outside.",
            SshFailureKind.ClientMissing => "There is no ssh program. Install openssh-client where the gateway runs.",
            SshFailureKind.ClientTooOld => $"The ssh program is too old or too different. Install openssh-client {SshProgram.OldestVersion} or newer.",
            SshFailureKind.NoUserEntry =>
                "The gateway's user id has no entry in /etc/passwd, and ssh demands one. Run as the image's own user, or add an entry.",
            SshFailureKind.SystemLimit => "The system refused a process, a descriptor or a terminal. Raise the gateway's limits.",
            _ => $"{who} did not let the gateway in, for a reason that is not known here. The gateway's log has ssh's own words.",
        };
    }

    private static string Refused(string who, SshEvidence? evidence, SshCommand? command)
    {
        var methods = evidence?.FindMethods();
        if (methods is not null && evidence is { HasPartialSuccess: true })
        {
            return $"{who} accepted the first of the account's credentials and wants another as well, by {methods}. Set both Sftp:PrivateKeyFile and PasswordFile, or change the account.";
        }

        var hasKey = command?.PrivateKeyFile is not null;
        var hasPassword = command?.Password is not null;
        if (methods is not null && !(hasKey && methods.Contains("publickey", StringComparison.Ordinal))
            && !(hasPassword && (methods.Contains("password", StringComparison.Ordinal) || methods.Contains("keyboard-interactive", StringComparison.Ordinal))))
        {
            return $"{who} accepts none of the configured credentials: it lets this account log in by {methods} only. "
                + (hasKey ? "Set PasswordFile." : "Set Sftp:PrivateKeyFile.");
        }

        var check = (hasKey, hasPassword) switch
        {
            (true, true) => "Check Username, Sftp:PrivateKeyFile and PasswordFile.",
            (true, false) when command?.CertificateFile is not null => "Check Username, Sftp:PrivateKeyFile, and whether Sftp:CertificateFile is still valid.",
            (true, false) => "Check Username and Sftp:PrivateKeyFile, and that the server has the key's public half for this account.",
            _ => "Check Username and PasswordFile.",
        };
        return $"{who} refused the account's credentials. {check}";
    }

    private static string NothingInCommon(string who, SshEvidence? evidence)
    {
        var missing = evidence?.FindMissingAlgorithm() ?? "algorithm";
        var offer = evidence?.FindOffer() is { } words ? $" It offers {words}." : "";
        return $"{who} and the gateway's ssh have no {missing} in common.{offer} Enable a current one on the server.";
    }
}
