using System.Buffers.Text;
using System.Text;

namespace Gateway.Ftps.Protocol;

/// <summary>Lines of MLSD and MLST: <c>fact=value;fact=value; name</c> (RFC 3659, 7.2).</summary>
internal static class MachineListingParser
{
    /// <returns>False where the line is none.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out FtpEntry entry)
    {
        entry = default;

        // The first space ends the facts: no fact holds one. What follows is the name, spaces and all.
        var space = line.IndexOf((byte)' ');
        if (space < 0 || space == line.Length - 1 || (space > 0 && line[space - 1] != ';'))
        {
            return false;
        }

        var (name, isUtf8) = FtpName.Decode(line[(space + 1)..]);
        var type = FtpEntryType.Other;
        long? size = null;
        DateTimeOffset? modified = null;
        int? permissions = null;
        var facts = line[..space];
        while (!facts.IsEmpty)
        {
            var end = facts.IndexOf((byte)';');
            var equals = facts.IndexOf((byte)'=');
            if (end < 0 || equals < 0 || equals > end)
            {
                return false;
            }

            var fact = facts[..equals];
            var value = facts[(equals + 1)..end];
            if (Is(fact, "type"u8))
            {
                type = TypeOf(value);
            }
            else if (Is(fact, "size"u8))
            {
                if (!TryReadSize(value, out var bytes))
                {
                    return false;
                }

                size = bytes;
            }
            else if (Is(fact, "modify"u8))
            {
                // A time that is none is no reason to hide the entry.
                modified = FtpTime.TryParse(value, out var time) ? time : null;
            }
            else if (Is(fact, "unix.mode"u8))
            {
                permissions = ReadOctal(value);
            }

            facts = facts[(end + 1)..];
        }

        if (FtpName.IsDots(line[(space + 1)..]))
        {
            type = FtpEntryType.Self;
        }

        entry = new FtpEntry
        {
            Name = name,
            IsUtf8 = isUtf8,
            Type = type,
            Size = type is FtpEntryType.Directory or FtpEntryType.Self ? null : size,
            Modified = modified,
            Permissions = permissions,
        };
        return true;
    }

    /// <summary>cdir and pdir are the folder and its parent. Links are an extension, written in two ways.</summary>
    private static FtpEntryType TypeOf(ReadOnlySpan<byte> value) => value switch
    {
        _ when Is(value, "file"u8) => FtpEntryType.File,
        _ when Is(value, "dir"u8) => FtpEntryType.Directory,
        _ when Is(value, "cdir"u8) || Is(value, "pdir"u8) => FtpEntryType.Self,
        _ when StartsWith(value, "os.unix=slink"u8) || StartsWith(value, "os.unix=symlink"u8) => FtpEntryType.Symlink,
        _ => FtpEntryType.Other,
    };

    private static bool TryReadSize(ReadOnlySpan<byte> value, out long size) =>
        Utf8Parser.TryParse(value, out size, out var used) && used == value.Length && size >= 0;

    private static int? ReadOctal(ReadOnlySpan<byte> value)
    {
        var mode = 0;
        foreach (var digit in value)
        {
            if (digit is < (byte)'0' or > (byte)'7' || mode > 0xFFFFFF)
            {
                return null;
            }

            mode = (mode << 3) | (digit - '0');
        }

        return value.IsEmpty ? null : mode & 0xFFF;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(text, name);

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) => text.Length >= name.Length && Is(text[..name.Length], name);
}
