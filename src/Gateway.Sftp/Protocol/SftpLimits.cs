namespace Gateway.Sftp.Protocol;

/// <summary>Sizes in bytes and counts that one server allows (limits@openssh.com, OpenSSH PROTOCOL section 4.8).</summary>
internal readonly record struct SftpLimits(int MaxRead, int MaxWrite, int MaxHandles)
{
    /// <summary>What every version 3 server takes (draft-ietf-secsh-filexfer-02, section 3: packets of 34000 bytes).</summary>
    public static readonly SftpLimits Default = new(32768, 32768, 0);

    /// <summary>
    /// OpenSSH's packets hold 256 KiB; with their headers 255 KiB of payload fit. Larger payloads gain nothing measurable.
    /// </summary>
    public const int LargestPayload = 255 * 1024;

    /// <summary>Reads the reply; a zero means "no limit said".</summary>
    public static SftpLimits Read(ref SftpPacketReader reader)
    {
        var packet = reader.ReadUInt64();
        var read = Clamp(reader.ReadUInt64(), packet);
        var write = Clamp(reader.ReadUInt64(), packet);
        return new SftpLimits(read, write, (int)Math.Min(reader.ReadUInt64(), int.MaxValue));
    }

    private static int Clamp(ulong payload, ulong packet)
    {
        if (payload == 0)
        {
            payload = packet > 1024 ? packet - 1024 : (ulong)Default.MaxRead;
        }

        // Below 4 KiB a server would make every transfer crawl; such an answer is taken for a mistake, as reads may be short anyway.
        return (int)Math.Clamp(payload, 4096, LargestPayload);
    }
}
