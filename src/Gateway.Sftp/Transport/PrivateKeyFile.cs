using System.Text;

namespace Gateway.Sftp.Transport;

/// <summary>Whether ssh will be able to use a private key: tried out beforehand with ssh-keygen, which reads keys as ssh does.</summary>
/// <remarks>
/// About modes: ssh refuses a key that others can read, but only where the file belongs to the user it runs as. A Kubernetes secret
/// (owner root, readable through fsGroup) is therefore fine for a gateway that does not run as root, and is used as it is; no copy is made.
/// A file of the gateway's own that is open to others is an error here rather than a refused login later.
/// </remarks>
internal static class PrivateKeyFile
{
    private const int LargestFile = 64 * 1024;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>Why the key cannot be used, as a sentence; null if it can, or if there is no ssh-keygen to tell.</summary>
    /// <param name="path">Absolute; known to be readable.</param>
    /// <param name="passphrase">Null: none is configured.</param>
    /// <param name="publicKey">The public half, base64 decoded; null where it is not known.</param>
    public static string? WhyNot(string path, string? passphrase, out byte[]? publicKey)
    {
        publicKey = null;
        if (WhyNotByText(path) is { } reason)
        {
            return reason;
        }

        if (SshProgram.Find("ssh-keygen") is not { } program)
        {
            return null;
        }

        if (SshTool.Run(program, ["ssh-keygen", "-y", "-f", path], passphrase + "\n", s_limit) is not { } said)
        {
            return "ssh-keygen did not read the key within 10 s. A key with fewer rounds ('ssh-keygen -p -a 16') opens faster.";
        }

        publicKey = FindPublicKey(said);
        if (publicKey is not null)
        {
            return null;
        }

        if (said.Contains("are too open", StringComparison.Ordinal))
        {
            return "The file can be read by others, and ssh then refuses it. Set its mode to 0600 (defaultMode: 0400 in a Kubernetes secret).";
        }

        if (said.Contains("incorrect passphrase", StringComparison.Ordinal))
        {
            return passphrase is null
                ? "The key is encrypted. Name the file with its passphrase in Sftp:PassphraseFile, or remove it with 'ssh-keygen -p'."
                : "The passphrase in Sftp:PassphraseFile does not open this key.";
        }

        return "This is no private key that ssh can read. Write the file as ssh-keygen made it, complete and unchanged.";
    }

    /// <summary>The mistakes that ssh itself reports as nothing but "error in libcrypto".</summary>
    private static string? WhyNotByText(string path)
    {
        var text = ReadBeginning(path);
        if (text.StartsWith("PuTTY-User-Key-File", StringComparison.Ordinal))
        {
            return "This is a PuTTY key. Convert it: puttygen key.ppk -O private-openssh -o key";
        }

        if (text.StartsWith("ssh-", StringComparison.Ordinal) || text.StartsWith("ecdsa-", StringComparison.Ordinal)
            || text.StartsWith("---- BEGIN SSH2 PUBLIC", StringComparison.Ordinal))
        {
            return "This is the public half of a key. Name the private one: the file without '.pub'.";
        }

        if (!text.Contains("-----BEGIN OPENSSH PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return null;
        }

        if (text.Contains('\r', StringComparison.Ordinal))
        {
            return "The file has Windows line ends, which ssh does not read in this format. Remove them: sed -i 's/\\r$//' key";
        }

        if (!text.Contains("-----END OPENSSH PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return "The file is cut off: its last line, '-----END OPENSSH PRIVATE KEY-----', is missing.";
        }

        return text.EndsWith("-----", StringComparison.Ordinal)
            ? "The line break at the end of the file is missing, and ssh does not read the key without it. Add it: echo >> key"
            : null;
    }

    private static string ReadBeginning(string path)
    {
        var buffer = new byte[LargestFile];
        using var file = File.OpenRead(path);
        return Encoding.Latin1.GetString(buffer, 0, file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
    }

    /// <summary>The line <c>type base64 comment</c>; a prompt without a line break may stand before it.</summary>
    private static byte[]? FindPublicKey(string said)
    {
        foreach (var line in said.Split('\n'))
        {
            var words = line.Replace("Enter passphrase: ", "", StringComparison.Ordinal).Split(' ');
            if (words.Length >= 2
                && (words[0].StartsWith("ssh-", StringComparison.Ordinal)
                    || words[0].StartsWith("ecdsa-", StringComparison.Ordinal)
                    || words[0].StartsWith("sk-", StringComparison.Ordinal)))
            {
                var key = new byte[words[1].Length];
                if (Convert.TryFromBase64String(words[1], key, out var length))
                {
                    return key[..length];
                }
            }
        }

        return null;
    }
}
