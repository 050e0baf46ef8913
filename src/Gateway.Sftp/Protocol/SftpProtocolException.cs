namespace Gateway.Sftp.Protocol;

/// <summary>The peer sent something that is no SFTP: the channel cannot go on.</summary>
internal sealed class SftpProtocolException(string message) : Exception(message)
{
    /// <summary>The first bytes received, where they are the evidence. Untrusted text, for logs only.</summary>
    public string? Evidence { get; init; }
}
