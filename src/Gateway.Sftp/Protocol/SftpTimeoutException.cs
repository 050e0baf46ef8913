namespace Gateway.Sftp.Protocol;

/// <summary>The server did not answer in time.</summary>
internal sealed class SftpTimeoutException(SftpPacketType request, TimeSpan limit)
    : Exception($"The server did not answer {request} within {limit.TotalSeconds:0.#} s.")
{
    public TimeSpan Limit { get; } = limit;
}
