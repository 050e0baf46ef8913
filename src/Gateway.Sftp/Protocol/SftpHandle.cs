namespace Gateway.Sftp.Protocol;

/// <summary>A server's name for an open file or folder: up to 256 opaque bytes (draft-ietf-secsh-filexfer-02, section 6.2).</summary>
internal sealed class SftpHandle(byte[] bytes)
{
    public const int MaxLength = 256;

    public ReadOnlySpan<byte> Bytes => bytes;
}
