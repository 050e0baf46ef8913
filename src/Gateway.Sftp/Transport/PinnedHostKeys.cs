namespace Gateway.Sftp.Transport;

/// <summary>
/// Pinned fingerprints as a KnownHostsCommand: ssh runs it with the key that the server showed and treats what it prints like lines
/// of a known hosts file. Nothing is written to disk and the server is not asked for its keys beforehand.
/// </summary>
internal static class PinnedHostKeys
{
    // $1 fingerprint, $2 host as looked up, $3 type, $4 key, then the pins. No file: no executable bit and no noexec mount matters.
    // A certificate has its key's fingerprint, but printed here it would pass for a changed key; without an answer the login fails
    // as unknown, and HostKeySearch tries again without certificates.
    private const string Script =
        """f=$1 h=$2 t=$3 k=$4; shift 4; case $t in *-cert-*) exit 0;; esac; for p; do if [ "$p" = "$f" ]; then printf '%s %s %s\n' "$h" "$t" "$k"; fi; done""";

    /// <summary>The option's value.</summary>
    public static string Command(IReadOnlyList<HostKeyFingerprint> pins) =>
        $"/bin/sh -c \"{Script.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal)}\" pins %f %H %t %K "
            + string.Join(' ', pins.Select(pin => pin.Text));
}
