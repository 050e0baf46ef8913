namespace Gateway.Sftp.Transport;

/// <summary>How the child ended.</summary>
/// <param name="Code">Exit code; null where a signal ended it or the status is unknown.</param>
/// <param name="Signal">The signal that ended it, if one did.</param>
/// <param name="Log">What it wrote to stderr, at most 16 KiB: the beginning and the end. Untrusted text.</param>
internal sealed record SshExit(int? Code, int? Signal, string Log)
{
    /// <summary>Reads a wait status.</summary>
    public static SshExit FromWaitStatus(int? status, string log)
    {
        if (status is not { } raw)
        {
            return new SshExit(null, null, log);
        }

        var signal = raw & 0x7f;
        return signal == 0 ? new SshExit((raw >> 8) & 0xff, null, log) : new SshExit(null, signal, log);
    }
}
