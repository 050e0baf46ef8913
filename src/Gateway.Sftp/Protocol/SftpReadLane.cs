namespace Gateway.Sftp.Protocol;

/// <summary>One of several connections that a file is read over. <see cref="SftpStripedReader"/>'s lock guards the settable members.</summary>
internal sealed class SftpReadLane(SftpChannel channel, SftpHandle handle)
{
    public SftpChannel Channel => channel;

    public SftpHandle Handle => handle;

    /// <summary>Whether it is not to be used any more.</summary>
    public bool IsOut { get; set; }

    /// <summary>Bytes asked for and not received yet, when it was counted last.</summary>
    public int Owed { get; set; }

    /// <summary>Whether requests were appended that were not flushed.</summary>
    public bool HasUnsent { get; set; }
}
