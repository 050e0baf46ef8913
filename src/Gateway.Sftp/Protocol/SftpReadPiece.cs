namespace Gateway.Sftp.Protocol;

/// <summary>A part of a file that was asked for: where, from whom, and the request. Used again for other parts.</summary>
internal sealed class SftpReadPiece
{
    public long Offset { get; set; }

    public int Length { get; set; }

    public SftpReadLane Lane { get; set; } = null!;

    public SftpRequest Request { get; set; } = null!;
}
