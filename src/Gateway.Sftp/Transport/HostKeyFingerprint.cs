using System.Diagnostics.CodeAnalysis;

namespace Gateway.Sftp.Transport;

/// <summary>A pinned host key: <c>SHA256:</c> and the base64 of the hash, as <c>ssh-keygen -l</c> and ssh print it.</summary>
internal readonly record struct HostKeyFingerprint
{
    private const string Prefix = "SHA256:";
    private const int HashSize = 32;

    private HostKeyFingerprint(string text) => Text = text;

    /// <summary>The form that ssh prints: no padding.</summary>
    public string Text { get; }

    /// <summary>Reads a fingerprint; padding and a prefix in another case are accepted.</summary>
    /// <param name="text">What was configured.</param>
    /// <param name="fingerprint">The result.</param>
    /// <param name="reason">Why not, as a sentence that says what to write instead.</param>
    public static bool TryParse(string? text, out HostKeyFingerprint fingerprint, [NotNullWhen(false)] out string? reason)
    {
        fingerprint = default;
        reason = null;
        var trimmed = text?.Trim() ?? "";
        if (trimmed.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            var digits = trimmed[Prefix.Length..].TrimEnd('=');
            Span<byte> hash = stackalloc byte[HashSize + 2];
            var padded = digits + new string('=', (4 - (digits.Length % 4)) % 4);
            if (Convert.TryFromBase64String(padded, hash, out var length) && length == HashSize)
            {
                fingerprint = new HostKeyFingerprint(Prefix + Convert.ToBase64String(hash[..HashSize]).TrimEnd('='));
                return true;
            }

            reason = "This is not a SHA256 fingerprint: after 'SHA256:' come 43 base64 digits. "
                + "Write what 'ssh-keygen -lf hostkey.pub' prints on the server.";
        }
        else if (trimmed.StartsWith("MD5:", StringComparison.OrdinalIgnoreCase) || LooksLikeMd5(trimmed))
        {
            reason = "MD5 fingerprints can be forged and are not accepted. "
                + "Write the SHA256 one: 'ssh-keygen -E sha256 -lf hostkey.pub' prints it on the server.";
        }
        else if (trimmed.StartsWith("ssh-", StringComparison.Ordinal) || trimmed.StartsWith("ecdsa-", StringComparison.Ordinal))
        {
            reason = "This is a whole public key. Write its fingerprint, 'SHA256:…' "
                + "('ssh-keygen -lf' prints it), or put the key into the file named by Sftp:KnownHostsFile.";
        }
        else
        {
            reason = "Write a fingerprint in the form 'SHA256:…', as 'ssh-keygen -lf hostkey.pub' prints it on the server.";
        }

        return fingerprint.Text is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool LooksLikeMd5(string text) =>
        text.Length == 47 && text.Split(':') is { Length: 16 } pairs && pairs.All(pair => pair.Length == 2 && pair.All(char.IsAsciiHexDigit));
}
