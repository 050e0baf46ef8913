namespace Gateway.Sftp.Protocol;

/// <summary>
/// File attributes of version 3 (draft-ietf-secsh-filexfer-02, section 5). A field is meaningful only where its bit is set in
/// <see cref="Flags"/>. Times are seconds since 1970 as unsigned 32-bit numbers, good until 2106.
/// </summary>
internal readonly record struct SftpAttributes(
    uint Flags, ulong Size, uint UserId, uint GroupId, uint Mode, uint AccessTime, uint ModificationTime)
{
    public const uint HasSize = 0x1;
    public const uint HasOwner = 0x2;
    public const uint HasMode = 0x4;
    public const uint HasTimes = 0x8;
    public const uint HasExtended = 0x80000000;

    private const uint TypeMask = 0xF000;

    /// <summary>Length in bytes, null where it is not said (or is no length: above what a file can have).</summary>
    public long? Length => (Flags & HasSize) != 0 && Size <= long.MaxValue ? (long)Size : null;

    public bool IsFile => IsType(0x8000);

    public bool IsDirectory => IsType(0x4000);

    public bool IsSymlink => IsType(0xA000);

    /// <summary>Whether the server left the type of the entry open.</summary>
    public bool HasNoType => (Flags & HasMode) == 0 || (Mode & TypeMask) == 0;

    private bool IsType(uint type) => (Flags & HasMode) != 0 && (Mode & TypeMask) == type;

    /// <summary>Reads the wire form.</summary>
    public static SftpAttributes Read(ref SftpPacketReader reader)
    {
        var flags = reader.ReadUInt32();
        ulong size = 0;
        uint user = 0, group = 0, mode = 0, accessed = 0, modified = 0;
        if ((flags & HasSize) != 0)
        {
            size = reader.ReadUInt64();
        }

        if ((flags & HasOwner) != 0)
        {
            user = reader.ReadUInt32();
            group = reader.ReadUInt32();
        }

        if ((flags & HasMode) != 0)
        {
            mode = reader.ReadUInt32();
        }

        if ((flags & HasTimes) != 0)
        {
            accessed = reader.ReadUInt32();
            modified = reader.ReadUInt32();
        }

        if ((flags & HasExtended) != 0)
        {
            // Each pair takes at least 8 bytes: a count larger than the packet ends in the reader's own bounds check.
            for (var pairs = reader.ReadUInt32(); pairs > 0; pairs--)
            {
                reader.ReadString();
                reader.ReadString();
            }
        }

        return new SftpAttributes(flags, size, user, group, mode, accessed, modified);
    }
}
