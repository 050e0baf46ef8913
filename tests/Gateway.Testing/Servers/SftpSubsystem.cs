namespace Gateway.Testing.Servers;

/// <summary>What answers the <c>sftp</c> subsystem of an <see cref="SshServer"/>.</summary>
public enum SftpSubsystem
{
    /// <summary>sshd itself.</summary>
    Internal,

    /// <summary>The program <c>sftp-server</c>, run by the account's shell.</summary>
    External,

    /// <summary>Nothing: the server offers no SFTP.</summary>
    None,

    /// <summary>A program that prints text instead, as a login script does.</summary>
    Chatter,
}
