using System.Buffers.Text;
using System.Globalization;

namespace Gateway.Ftps.Protocol;

/// <summary>Times as RFC 3659, 2.3, writes them: <c>YYYYMMDDhhmmss</c> in UTC, and a fraction of a second maybe.</summary>
internal static class FtpTime
{
    private const int Digits = 14;

    /// <summary>Reads a time; the fraction is dropped, because an ETag built on it would differ between MLST and MDTM of some servers.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < Digits || (text.Length > Digits && text[Digits] != '.'))
        {
            return false;
        }

        if (!TryRead(text, 0, 4, out var year) || !TryRead(text, 4, 2, out var month) || !TryRead(text, 6, 2, out var day)
            || !TryRead(text, 8, 2, out var hour) || !TryRead(text, 10, 2, out var minute) || !TryRead(text, 12, 2, out var second))
        {
            return false;
        }

        // A leap second is written as 60.
        return TryCreate(year, month, day, hour, minute, Math.Min(second, 59), out time);
    }

    /// <summary>A time from its parts, where they make one.</summary>
    public static bool TryCreate(int year, int month, int day, int hour, int minute, int second, out DateTimeOffset time)
    {
        time = default;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
        {
            return false;
        }

        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    private static bool TryRead(ReadOnlySpan<byte> text, int start, int length, out int value)
    {
        var digits = text.Slice(start, length);
        value = 0;
        return !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(digits, out value, out var used) && used == length;
    }
}
