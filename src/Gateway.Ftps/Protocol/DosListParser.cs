using System.Buffers.Text;
using System.Text;

namespace Gateway.Ftps.Protocol;

/// <summary>Lines in the manner of DOS, as IIS writes them: <c>11-20-26  02:13PM  &lt;DIR&gt;  name</c>, <c>11-20-2026  14:13  1234 name</c>.</summary>
internal static class DosListParser
{
    public static bool TryParse(ReadOnlySpan<byte> line, out FtpEntry entry)
    {
        entry = default;
        var rest = line;
        if (!TryReadDate(TakeWord(ref rest), out var year, out var month, out var day)
            || !TryReadClock(TakeWord(ref rest), out var hour, out var minute)
            || !FtpTime.TryCreate(year, month, day, hour, minute, 0, out var modified))
        {
            return false;
        }

        var word = TakeWord(ref rest);
        var type = FtpEntryType.File;
        long size = 0;
        if (word.StartsWith("<"u8))
        {
            type = Ascii.EqualsIgnoreCase(word, "<DIR>"u8) ? FtpEntryType.Directory : FtpEntryType.Symlink;
            rest = rest.TrimStart((byte)' ');
        }
        else if (!TryReadSize(word, out size))
        {
            return false;
        }
        else if (rest.StartsWith(" "u8))
        {
            rest = rest[1..];
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        var (name, isUtf8) = FtpName.Decode(rest);
        entry = new FtpEntry
        {
            Name = name,
            IsUtf8 = isUtf8,
            Type = FtpName.IsDots(rest) ? FtpEntryType.Self : type,
            Size = type == FtpEntryType.File ? size : null,
            Modified = modified,
            IsModifiedApproximate = true,
        };
        return true;
    }

    private static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart((byte)' ');
        var end = rest.IndexOf((byte)' ');
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..];
        return word;
    }

    /// <summary><c>11-20-26</c>, <c>11-20-2026</c> or <c>2026-11-20</c>; slashes too.</summary>
    private static bool TryReadDate(ReadOnlySpan<byte> word, out int year, out int month, out int day)
    {
        year = month = day = 0;
        var first = word.IndexOfAny((byte)'-', (byte)'/');
        if (first < 0)
        {
            return false;
        }

        var second = word[(first + 1)..].IndexOfAny((byte)'-', (byte)'/');
        if (second < 0 || !TryReadNumber(word[..first], out var a) || !TryReadNumber(word.Slice(first + 1, second), out var b)
            || !TryReadNumber(word[(first + second + 2)..], out var c))
        {
            return false;
        }

        (year, month, day) = first == 4 ? (a, b, c) : (c, a, b);
        if (year < 100)
        {
            year += year < 70 ? 2000 : 1900;
        }

        return true;
    }

    /// <summary><c>02:13PM</c> or <c>14:13</c>.</summary>
    private static bool TryReadClock(ReadOnlySpan<byte> word, out int hour, out int minute)
    {
        hour = minute = 0;
        if (word.Length < 5 || word[2] != ':' || !TryReadNumber(word[..2], out hour) || !TryReadNumber(word[3..5], out minute))
        {
            return false;
        }

        var half = word[5..];
        if (half.IsEmpty)
        {
            return true;
        }

        var isAfternoon = Ascii.EqualsIgnoreCase(half, "PM"u8);
        if (hour is < 1 or > 12 || !(isAfternoon || Ascii.EqualsIgnoreCase(half, "AM"u8)))
        {
            return false;
        }

        hour = (hour % 12) + (isAfternoon ? 12 : 0);
        return true;
    }

    /// <summary>With or without commas between thousands.</summary>
    private static bool TryReadSize(ReadOnlySpan<byte> word, out long size)
    {
        size = 0;
        foreach (var c in word)
        {
            if (c == ',')
            {
                continue;
            }

            if (c is < (byte)'0' or > (byte)'9' || size > (long.MaxValue - 9) / 10)
            {
                return false;
            }

            size = (size * 10) + (c - '0');
        }

        return !word.IsEmpty && word[0] != ',';
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> word, out int number)
    {
        number = 0;
        return word.Length is > 0 and <= 4 && !word.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(word, out number, out var used) && used == word.Length;
    }
}
