namespace Gateway.Testing.Servers;

/// <summary>The ways to log in that an <see cref="SshServer"/> offers.</summary>
[Flags]
public enum SshLogins
{
    None = 0,

    /// <summary>The account's key, <see cref="SshServer.UserKey"/>.</summary>
    Key = 1,

    /// <summary>The account's password, checked by sshd itself against the shadow file (<c>UsePAM no</c>).</summary>
    Password = 2,

    /// <summary>The account's password as the answer to a question (<c>UsePAM yes</c>).</summary>
    KeyboardInteractive = 4,
}
