using System.Globalization;

namespace Gateway.Api.Streaming;

/// <summary>The <c>Range</c> header of RFC 9110 section 14.2.</summary>
internal static class RangeHeader
{
    /// <summary>
    /// Most ranges of one request. More are answered with the whole file, which the RFC allows: no reader of documents asks for so
    /// many at once, and on an FTP server each of them is a transfer of its own.
    /// </summary>
    public const int MaxRanges = 64;

    /// <summary>Ranges with less than this between them are sent as one: the gap takes fewer bytes than the head of another part (section 15.3.7.2).</summary>
    public const int MinGap = 128;

    /// <summary>Reads the header against a file of <paramref name="size"/> bytes.</summary>
    /// <param name="header">The header; null where there is none.</param>
    /// <param name="size">Bytes of the file.</param>
    /// <param name="ranges">
    /// In the order in which they were asked for, without those that are behind the end; what overlaps, touches or nearly does is one range,
    /// in the place of its first part.
    /// </param>
    /// <remarks>A header of another unit or a wrong form is ignored, as the RFC demands.</remarks>
    public static RangeKind Read(string? header, long size, out IReadOnlyList<ByteRange> ranges)
    {
        ranges = [];
        const string Unit = "bytes=";
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return RangeKind.Whole;
        }

        var satisfiable = new List<ByteRange>();
        var count = 0;
        var set = header.AsSpan(Unit.Length);
        foreach (var part in set.Split(','))
        {
            // Empty elements of a list are allowed (section 5.6.1.2).
            var text = set[part].Trim(" \t");
            if (text.IsEmpty)
            {
                continue;
            }

            if (++count > MaxRanges)
            {
                return RangeKind.Whole;
            }

            switch (ReadOne(text, size, out var range))
            {
                case RangeKind.Whole:
                    return RangeKind.Whole;
                case RangeKind.Partial:
                    satisfiable.Add(range);
                    break;
            }
        }

        ranges = Join(satisfiable);
        return ranges.Count > 0 ? RangeKind.Partial : count > 0 ? RangeKind.Unsatisfiable : RangeKind.Whole;
    }

    private static RangeKind ReadOne(ReadOnlySpan<char> text, long size, out ByteRange range)
    {
        range = default;
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
        return RangeKind.Partial;
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
        return RangeKind.Partial;
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

    private static ByteRange[] Join(List<ByteRange> ranges)
    {
        var joined = new List<(ByteRange Range, int Place)>(ranges.Count);
        foreach (var (range, place) in ranges.Select((range, place) => (range, place)).OrderBy(pair => pair.range.Offset))
        {
            if (joined is [.., var last] && range.Offset - last.Range.End < MinGap)
            {
                var end = Math.Max(range.End, last.Range.End);
                joined[^1] = (last.Range with { Length = end - last.Range.Offset }, Math.Min(place, last.Place));
            }
            else
            {
                joined.Add((range, place));
            }
        }

        return [.. joined.OrderBy(pair => pair.Place).Select(pair => pair.Range)];
    }
}
