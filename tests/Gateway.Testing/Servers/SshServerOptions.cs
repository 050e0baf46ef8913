namespace Gateway.Testing.Servers;

/// <summary>How an <see cref="SshServer"/> is set up. The default: key login, <c>internal-sftp</c>, no chroot.</summary>
public sealed record SshServerOptions
{
    /// <summary>What answers the <c>sftp</c> subsystem.</summary>
    public SftpSubsystem Subsystem { get; init; } = SftpSubsystem.Internal;

    /// <summary>Sessions see their folder's parent as <c>/</c>; the folder itself is <c>/data</c> there.</summary>
    public bool Chroot { get; init; }

    /// <summary><c>ForceCommand internal-sftp</c>: nothing else can be run.</summary>
    public bool ForceSftp { get; init; }

    /// <summary>How an account may log in.</summary>
    public SshLogins Logins { get; init; } = SshLogins.Key | SshLogins.Password;

    /// <summary>The account's shell is <c>/usr/sbin/nologin</c>.</summary>
    public bool WithoutShell { get; init; }

    /// <summary>Host key types, as <c>ssh-keygen -t</c> names them.</summary>
    public IReadOnlyList<string> HostKeyTypes { get; init; } = ["ed25519"];

    /// <summary><c>MaxStartups</c>, such as <c>2:100:2</c>; null: so many that no test meets the limit by accident.</summary>
    public string? MaxStartups { get; init; }

    /// <summary><c>MaxSessions</c>: channels per connection.</summary>
    public int? MaxSessions { get; init; }

    /// <summary>Further lines of sshd_config, before all others: in sshd the first value of an option wins.</summary>
    public IReadOnlyList<string> ExtraLines { get; init; } = [];
}
