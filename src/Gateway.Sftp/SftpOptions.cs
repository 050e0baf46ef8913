namespace Gateway.Sftp;

/// <summary>The part of a backend's configuration under <c>Sftp</c>.</summary>
public sealed class SftpOptions
{
    /// <summary>Private key to log in with, in any form that OpenSSH reads. Tried before the password.</summary>
    public string? PrivateKeyFile { get; set; }

    /// <summary>File with the private key's passphrase, where it has one. A line break at the end is not part of it.</summary>
    public string? PassphraseFile { get; set; }

    /// <summary>OpenSSH certificate that goes with the private key.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>
    /// Accepted host keys, <c>SHA256:…</c>; several while a key is being rotated. Jump hosts' keys belong here too.
    /// </summary>
    public IList<string> HostKeyFingerprints { get; } = [];

    /// <summary>
    /// OpenSSH known hosts file, plain or hashed, with <c>@cert-authority</c> and <c>@revoked</c> lines. Beside fingerprints, either of the two
    /// suffices; a key that the file revokes is never accepted.
    /// </summary>
    public string? KnownHostsFile { get; set; }

    /// <summary>
    /// Servers to pass through: <c>user@host:port</c>, several with commas in between. Their host keys are checked by the same
    /// rules, and the same key or password logs in there.
    /// </summary>
    public string? ProxyJump { get; set; }

    /// <summary>
    /// Whether an upload ends only when the server has flushed it to its disk (<c>fsync@openssh.com</c>), where the server can. It survives
    /// a loss of power then, and takes up to three times as long on an ordinary disk.
    /// </summary>
    public bool Fsync { get; set; }

    /// <summary>Longest time for the server's SSH greeting once TCP is connected.</summary>
    public TimeSpan BannerTimeout { get; set; } = TimeSpan.FromSeconds(15);
}
