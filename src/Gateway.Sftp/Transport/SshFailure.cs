namespace Gateway.Sftp.Transport;

/// <summary>A failure of the ssh child, in three readings.</summary>
/// <param name="Kind">For code.</param>
/// <param name="Message">For people: what happened and what to change. No secret, no local path, no text of the server's.</param>
/// <param name="Diagnostic">For logs: what ssh said. Untrusted text.</param>
internal sealed record SshFailure(SshFailureKind Kind, string Message, string Diagnostic)
{
    /// <summary>The host key that the server showed and no rule matched, where that is what failed.</summary>
    public OfferedHostKey? OfferedHostKey { get; init; }
}
