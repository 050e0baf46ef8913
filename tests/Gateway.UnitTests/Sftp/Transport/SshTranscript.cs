namespace Gateway.UnitTests.Sftp.Transport;

/// <summary>
/// Pieces of ssh's log, word for word as OpenSSH 9.2 wrote them to us at LogLevel DEBUG1 (10.0 writes the same), without the lines
/// that nobody reads.
/// </summary>
internal static class SshTranscript
{
    public const string Connected = """
        debug1: Connecting to 127.0.0.1 [127.0.0.1] port 42022.
        debug1: Connection established.
        debug1: identity file /keys/id type 3
        debug1: Local version string SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10

        """;

    public const string Greeted = Connected + """
        debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2+deb12u10
        debug1: Authenticating to 127.0.0.1:42022 as 'root'
        debug1: SSH2_MSG_KEXINIT sent
        debug1: SSH2_MSG_KEXINIT received

        """;

    public const string HostKeyShown = Greeted + """
        debug1: Server host key: ssh-ed25519 SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU

        """;

    public const string HostKeyAccepted = HostKeyShown + """
        debug1: Host '[127.0.0.1]:42022' is known and matches the ED25519 host key.
        debug1: Found key in KnownHostsCommand-HOSTNAME:1
        debug1: SSH2_MSG_NEWKEYS sent
        debug1: SSH2_MSG_NEWKEYS received
        debug1: SSH2_MSG_SERVICE_ACCEPT received
        debug1: Authentications that can continue: publickey,password

        """;

    public const string LoggedIn = HostKeyAccepted + """
        debug1: Next authentication method: publickey
        debug1: Offering public key: /keys/id ED25519 SHA256:4FRKumgwfSKhNR9BLMVrA0zNC644o1GhKnsANYgqM+A explicit
        debug1: Server accepts key: /keys/id ED25519 SHA256:4FRKumgwfSKhNR9BLMVrA0zNC644o1GhKnsANYgqM+A explicit
        Authenticated to 127.0.0.1 ([127.0.0.1]:42022) using "publickey".

        """;

    public const string InSession = LoggedIn + """
        debug1: channel 0: new session [client-session] (inactive timeout: 0)
        debug1: Entering interactive session.
        debug1: Sending subsystem: sftp

        """;
}
