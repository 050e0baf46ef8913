namespace Gateway.Testing.Servers;

/// <summary>An SSH key made by ssh-keygen.</summary>
/// <param name="PrivateKeyFile">Path of the private key, mode 0600.</param>
/// <param name="PublicKey">One line: type, base64, comment.</param>
/// <param name="Fingerprint"><c>SHA256:</c> and the base64 hash, as OpenSSH prints it.</param>
public sealed record SshKeyPair(string PrivateKeyFile, string PublicKey, string Fingerprint)
{
    /// <summary>Makes a key pair; the public half lies beside the private one, with <c>.pub</c>.</summary>
    /// <param name="file">Where; must not exist.</param>
    /// <param name="type"><c>ed25519</c>, <c>rsa</c>, <c>ecdsa</c>.</param>
    /// <param name="passphrase">Encrypts the private key; null: it lies open.</param>
    public static async Task<SshKeyPair> CreateAsync(string file, string type = "ed25519", string? passphrase = null)
    {
        await Command.RunAsync("ssh-keygen", ["-q", "-t", type, "-N", passphrase ?? "", "-C", "gateway-tests", "-f", file]);
        return await ReadAsync(file);
    }

    /// <summary>Signs this key as a user certificate; it lies beside the key, with <c>-cert.pub</c>.</summary>
    /// <returns>The path of the certificate.</returns>
    public async Task<string> SignAsync(SshKeyPair authority, string principal)
    {
        await Command.RunAsync(
            "ssh-keygen", ["-q", "-s", authority.PrivateKeyFile, "-I", "gateway-tests", "-n", principal, PrivateKeyFile + ".pub"]);
        return PrivateKeyFile + "-cert.pub";
    }

    private static async Task<SshKeyPair> ReadAsync(string file)
    {
        var line = await Command.RunAsync("ssh-keygen", ["-l", "-E", "sha256", "-f", file + ".pub"]);
        return new SshKeyPair(file, (await File.ReadAllTextAsync(file + ".pub")).Trim(), line.Split(' ')[1]);
    }
}
