namespace Gateway.Sftp.Transport;

/// <summary>Everything that one ssh child needs to know. Checked beforehand: see <see cref="SshAddress"/>.</summary>
internal sealed record SshCommand
{
    /// <summary>The ssh program.</summary>
    public string Program { get; init; } = SshProgram.DefaultPath;

    /// <summary>Host name or IP address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public int Port { get; init; } = 22;

    /// <summary>Account name.</summary>
    public required string Username { get; init; }

    /// <summary>Password, for the methods password and keyboard-interactive; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>Absolute path of the private key; null for none. Tried before the password.</summary>
    public string? PrivateKeyFile { get; init; }

    /// <summary>Passphrase of the private key; null where it is not encrypted.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Absolute path of the certificate that goes with the private key; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Absolute path of a known hosts file; null for none.</summary>
    public string? KnownHostsFile { get; init; }

    /// <summary>Pinned host keys. A server is accepted if a pin or the known hosts file knows its key, never if the file revokes it.</summary>
    public IReadOnlyList<HostKeyFingerprint> HostKeyFingerprints { get; init; } = [];

    /// <summary>
    /// Per server of the chain (jump hosts in order, then the target) what goes into <c>HostKeyAlgorithms</c>; null, or a missing
    /// entry, for ssh's own order.
    /// </summary>
    public IReadOnlyList<string?> HostKeyAlgorithms { get; init; } = [];

    /// <summary>Servers to pass through, in order. Their host keys are checked by the same rules, the credentials are the same.</summary>
    public IReadOnlyList<JumpHost> Jumps { get; init; } = [];

    /// <summary>Longest time for TCP to connect and the server's greeting to arrive.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time from TCP being up to the server's greeting.</summary>
    public TimeSpan BannerTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether ssh will have something to ask.</summary>
    public bool HasSecrets => Password is not null || Passphrase is not null;

    /// <summary><paramref name="text"/> without this login's secrets: what a server writes may repeat what was typed.</summary>
    public string Redact(string text) => Redact(Redact(text, Password), Passphrase);

    /// <summary>Where to, and no secret.</summary>
    public override string ToString() => FormattableString.Invariant($"{Username} at {Host} port {Port}");

    // What is shorter stands in any text by chance, and its gaps would tell it.
    private static string Redact(string text, string? secret) =>
        secret is { Length: >= 4 } ? text.Replace(secret, "***", StringComparison.Ordinal) : text;
}
