namespace Gateway.Api.Directories.Zip;

/// <summary>What an archive tells of an entry beside its content.</summary>
/// <param name="Name">Its safe name, without the slash of a folder.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Size">Bytes; null where nobody knows yet.</param>
/// <param name="Modified">When it was modified; null where unknown.</param>
/// <param name="Permissions">The permission bits; null where unknown.</param>
internal readonly record struct ZipEntry(string Name, bool IsFolder, long? Size, DateTimeOffset? Modified, int? Permissions)
{
    /// <summary>
    /// From here on the lengths get eight bytes (ZIP64): blocks of a few bytes each may make much more of a file than it was.
    /// </summary>
    private const long LargeSize = 512L * 1024 * 1024;

    /// <summary>Whether its lengths may need eight bytes.</summary>
    public bool IsLarge => !IsFolder && Size is null or >= LargeSize;

    /// <summary>What Unix calls the mode, in the upper half; the mark of a folder for everybody else in the lower.</summary>
    public uint Attributes
    {
        get
        {
            // Never set-user-ID and its like: who unpacks must not make such a file.
            var mode = IsFolder ? 0x4000 | ((Permissions ?? 0x1ED) & 0x1FF) : 0x8000 | ((Permissions ?? 0x1A4) & 0x1FF);
            return ((uint)mode << 16) | (IsFolder ? 0x10u : 0u);
        }
    }

    /// <summary>The time as DOS wrote it: to two seconds, between 1980 and 2107. It knows no zone; this is UTC.</summary>
    public uint DosTime
    {
        get
        {
            var time = Modified is { Year: >= 1980 and <= 2107 } known ? known.UtcDateTime : new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            return (uint)(((time.Year - 1980) << 25) | (time.Month << 21) | (time.Day << 16) | (time.Hour << 11) | (time.Minute << 5) | (time.Second / 2));
        }
    }

    /// <summary>The time in seconds since 1970; null where it is unknown or beyond what four bytes hold.</summary>
    public int? UnixTime => Modified?.ToUnixTimeSeconds() is >= int.MinValue and <= int.MaxValue and var seconds ? (int)seconds : null;
}
