namespace Gateway.Sftp.Protocol;

/// <summary>The server answered a request with a status other than OK. The channel is fine.</summary>
internal sealed class SftpStatusException(SftpStatusCode code, string serverMessage) : Exception($"SFTP status {code}.")
{
    public SftpStatusCode Code { get; } = code;

    /// <summary>The server's own words: untrusted, for logs only.</summary>
    public string ServerMessage { get; } = serverMessage;
}
