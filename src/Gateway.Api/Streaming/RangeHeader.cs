using System.Globalization;

namespace Gateway.Api.Streaming;

/// <summary>The <c>Range</c> header of RFC 9110 section 14.2.</summary>
internal static class RangeHeader
{
    /// <summary>Reads the header against a file of <paramref name="size"/> bytes.</summary>
    /// <remarks>
    /// A header of another unit or a wrong form is ignored, as the RFC demands. Several ranges are answered with the whole file,
    /// which it allows.
    /// </remarks>
    public static RangeKind Read(string? header, long size, out ByteRange range)
    {
        range = default;
        const string Unit = "bytes=";
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase) || header.Contains(',', StringComparison.Ordinal))
        {
            return RangeKind.Whole;
        }

        var text = header.AsSpan(Unit.Length).Trim(" \t");
        var dash = text.IndexOf('-');
        if (dash < 0)
        {
            return RangeKind.Whole;
        }

        var first = text[..dash];
        var last = text[(dash + 1)..];
        return first.IsEmpty ? ReadSuffix(last, size, out range) : ReadInterval(first, last, size, out range);
    }

    /// <summary><c>-500</c>: the last 500 bytes.</summary>
    private static RangeKind ReadSuffix(ReadOnlySpan<char> digits, long size, out ByteRange range)
    {
        range = default;
        if (!TryReadPosition(digits, out var length))
        {
            return RangeKind.Whole;
        }

        if (length == 0)
        {
            return RangeKind.Unsatisfiable;
        }

        // All of an empty file: satisfiable, but Content-Range has no way to say so.
        if (size == 0)
        {
            return RangeKind.Whole;
        }

        length = Math.Min(length, size);
        range = new ByteRange(size - length, length);
        return RangeKind.Single;
    }

    /// <summary><c>500-999</c>, or <c>500-</c> to the end.</summary>
    private static RangeKind ReadInterval(ReadOnlySpan<char> firstDigits, ReadOnlySpan<char> lastDigits, long size, out ByteRange range)
    {
        range = default;
        var last = long.MaxValue;
        if (!TryReadPosition(firstDigits, out var first) || (!lastDigits.IsEmpty && !TryReadPosition(lastDigits, out last)) || last < first)
        {
            return RangeKind.Whole;
        }

        if (first >= size)
        {
            return RangeKind.Unsatisfiable;
        }

        range = new ByteRange(first, Math.Min(last, size - 1) - first + 1);
        return RangeKind.Single;
    }

    /// <summary>Positions have no upper bound in the grammar: one that no file reaches is as good as the largest.</summary>
    private static bool TryReadPosition(ReadOnlySpan<char> digits, out long position)
    {
        position = 0;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out position))
        {
            position = long.MaxValue;
        }

        return true;
    }
}
