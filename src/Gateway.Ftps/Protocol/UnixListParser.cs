using System.Buffers.Text;
using System.Text;

namespace Gateway.Ftps.Protocol;

/// <summary>
/// Lines in the manner of <c>ls -l</c>: <c>-rw-r--r--  1 owner group  12 Nov 20 14:13 name</c>. Owner, group and the number of links come
/// in many forms or not at all, so the date is looked for: the first month that stands between a number and a day. The name begins one
/// space after the date, so that leading spaces belong to it.
/// </summary>
internal static class UnixListParser
{
    private const int MaxWords = 12;

    public static bool TryParse(ReadOnlySpan<byte> line, DateTimeOffset now, out FtpEntry entry)
    {
        entry = default;
        if (line.Length < 10 || !TryReadMode(line, out var type, out var permissions))
        {
            return false;
        }

        Span<Range> words = stackalloc Range[MaxWords];
        var count = SplitWords(line, words);
        for (var i = 2; i < count; i++)
        {
            if (!TryReadDate(line, words[..count], i, now, out var modified, out var nameStart))
            {
                continue;
            }

            var name = line[nameStart..];
            long? size = Utf8Parser.TryParse(line[words[i - 1]], out long bytes, out var used) && used == line[words[i - 1]].Length && bytes >= 0 ? bytes : null;
            if (size is null || name.IsEmpty)
            {
                return false;
            }

            if (type == FtpEntryType.Symlink)
            {
                name = CutTarget(name, size.Value);
            }

            var (text, isUtf8) = FtpName.Decode(name);
            entry = new FtpEntry
            {
                Name = text,
                IsUtf8 = isUtf8,
                Type = FtpName.IsDots(name) ? FtpEntryType.Self : type,
                Size = type == FtpEntryType.File || type == FtpEntryType.Symlink ? size : null,
                Modified = modified,
                IsModifiedApproximate = true,
                Permissions = permissions,
            };
            return true;
        }

        return false;
    }

    /// <summary><c>-rwxr-sr-t</c>, and a tenth character for access lists and attributes maybe.</summary>
    private static bool TryReadMode(ReadOnlySpan<byte> line, out FtpEntryType type, out int? permissions)
    {
        permissions = null;
        type = FtpEntryType.Other;
        switch (line[0])
        {
            case (byte)'-':
                type = FtpEntryType.File;
                break;
            case (byte)'d':
                type = FtpEntryType.Directory;
                break;
            case (byte)'l':
                type = FtpEntryType.Symlink;
                break;
            case (byte)'b' or (byte)'c' or (byte)'p' or (byte)'s' or (byte)'D':
                break;
            default:
                return false;
        }

        var mode = 0;
        for (var i = 1; i <= 9; i++)
        {
            var bit = 1 << (9 - i);
            var special = 1 << (12 - ((i + 2) / 3));
            switch (line[i])
            {
                case (byte)'-':
                    break;
                case (byte)'r' when i % 3 == 1:
                case (byte)'w' when i % 3 == 2:
                case (byte)'x' when i % 3 == 0:
                    mode |= bit;
                    break;
                case (byte)'s' or (byte)'t' when i % 3 == 0:
                    mode |= bit | special;
                    break;
                case (byte)'S' or (byte)'T' or (byte)'l' or (byte)'L' when i % 3 == 0:
                    mode |= special;
                    break;
                default:
                    return false;
            }
        }

        permissions = mode;
        return true;
    }

    private static int SplitWords(ReadOnlySpan<byte> line, Span<Range> words)
    {
        var count = 0;
        var i = 0;
        while (count < words.Length)
        {
            while (i < line.Length && line[i] == ' ')
            {
                i++;
            }

            if (i == line.Length)
            {
                break;
            }

            var start = i;
            while (i < line.Length && line[i] != ' ')
            {
                i++;
            }

            words[count++] = start..i;
        }

        return count;
    }

    /// <summary><c>Nov 20 14:13</c>, <c>Nov 20 2026</c>, <c>20 Nov …</c> or <c>2026-11-20 14:13</c>, from word <paramref name="i"/> on.</summary>
    private static bool TryReadDate(
        ReadOnlySpan<byte> line, ReadOnlySpan<Range> words, int i, DateTimeOffset now, out DateTimeOffset? modified, out int nameStart)
    {
        modified = null;
        nameStart = 0;
        if (i + 1 >= words.Length)
        {
            return false;
        }

        var first = line[words[i]];
        var second = line[words[i + 1]];
        if (first.Length == 10 && first[4] == '-' && first[7] == '-')
        {
            if (!TryReadNumber(first[..4], out var isoYear) || !TryReadNumber(first[5..7], out var isoMonth) || !TryReadNumber(first[8..], out var isoDay)
                || !TryReadClock(second, out var isoHour, out var isoMinute) || !FtpTime.TryCreate(isoYear, isoMonth, isoDay, isoHour, isoMinute, 0, out var iso))
            {
                return false;
            }

            modified = iso;
            return TryEndDate(line, words[i + 1], out nameStart);
        }

        var month = MonthOf(first);
        var isDayFirst = month == 0;
        month = isDayFirst ? MonthOf(second) : month;
        if (month == 0 || i + 2 >= words.Length || !TryReadNumber(isDayFirst ? first : second, out var day) || day is < 1 or > 31)
        {
            return false;
        }

        var last = line[words[i + 2]];
        if (TryReadClock(last, out var hour, out var minute))
        {
            modified = GuessYear(now, month, day, hour, minute);
        }
        else if (last.Length == 4 && TryReadNumber(last, out var year))
        {
            modified = FtpTime.TryCreate(year, month, day, 0, 0, 0, out var date) ? date : null;
        }
        else
        {
            return false;
        }

        return TryEndDate(line, words[i + 2], out nameStart);
    }

    private static bool TryEndDate(ReadOnlySpan<byte> line, Range last, out int nameStart)
    {
        nameStart = last.End.Value + 1;
        return nameStart < line.Length;
    }

    /// <summary>A time without a year is the latest one that is not in the future; a day's grace for time zones.</summary>
    private static DateTimeOffset? GuessYear(DateTimeOffset now, int month, int day, int hour, int minute)
    {
        // Feb 29 may be up to eight years back.
        for (var year = Math.Min(now.Year + 1, 9999); year > Math.Max(now.Year - 9, 0); year--)
        {
            if (FtpTime.TryCreate(year, month, day, hour, minute, 0, out var time) && time <= now.AddDays(1))
            {
                return time;
            }
        }

        return null;
    }

    /// <summary>
    /// <c>name -> target</c>. Both may hold an arrow; the size of a link is its target's length, which tells where to cut.
    /// </summary>
    private static ReadOnlySpan<byte> CutTarget(ReadOnlySpan<byte> name, long size)
    {
        var arrow = " -> "u8;
        var exact = size < name.Length ? name.Length - (int)size - arrow.Length : 0;
        if (exact > 0 && name[exact..].StartsWith(arrow))
        {
            return name[..exact];
        }

        var first = name.IndexOf(arrow);
        return first > 0 ? name[..first] : name;
    }

    private static int MonthOf(ReadOnlySpan<byte> word)
    {
        if (word.Length != 3)
        {
            return 0;
        }

        var months = "janfebmaraprmayjunjulaugsepoctnovdec"u8;
        for (var i = 0; i < 12; i++)
        {
            if (Ascii.EqualsIgnoreCase(word, months.Slice(i * 3, 3)))
            {
                return i + 1;
            }
        }

        return 0;
    }

    private static bool TryReadClock(ReadOnlySpan<byte> word, out int hour, out int minute)
    {
        hour = minute = 0;
        var colon = word.IndexOf((byte)':');
        if (colon is not (1 or 2) || word.Length < colon + 3 || (word.Length > colon + 3 && word[colon + 3] is not ((byte)':' or (byte)'.')))
        {
            return false;
        }

        return TryReadNumber(word[..colon], out hour) && TryReadNumber(word.Slice(colon + 1, 2), out minute) && hour < 24 && minute < 60;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> word, out int number)
    {
        number = 0;
        return !word.IsEmpty && word.Length <= 4 && !word.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(word, out number, out var used) && used == word.Length;
    }
}
