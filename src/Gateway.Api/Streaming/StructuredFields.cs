using System.Buffers;

namespace Gateway.Api.Streaming;

/// <summary>Structured field values (RFC 9651), as far as the digest fields need them: dictionaries.</summary>
internal static class StructuredFields
{
    private static readonly SearchValues<char> s_keyStart = SearchValues.Create("abcdefghijklmnopqrstuvwxyz*");
    private static readonly SearchValues<char> s_key = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.*");
    private static readonly SearchValues<char> s_token = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~:/");

    private static readonly SearchValues<char> s_base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789");

    /// <summary>
    /// Reads a dictionary (section 4.2.2). Of each member the value is kept as it is written, <c>:bytes:</c> or <c>10</c>, and its
    /// parameters are dropped; of a key that comes twice the last value counts.
    /// </summary>
    /// <returns>Whether it is one; an empty text is an empty dictionary.</returns>
    public static bool TryReadDictionary(ReadOnlySpan<char> text, Dictionary<string, string> members)
    {
        text = text.Trim(' ');
        while (!text.IsEmpty)
        {
            if (!TryTakeKey(ref text, out var key))
            {
                return false;
            }

            var value = "?1";
            if (text is ['=', ..])
            {
                text = text[1..];
                var start = text;
                if (!(text is ['(', ..] ? TrySkipInnerList(ref text) : TrySkipBareItem(ref text)))
                {
                    return false;
                }

                value = start[..^text.Length].ToString();
            }

            if (!TrySkipParameters(ref text))
            {
                return false;
            }

            members[key] = value;
            text = text.TrimStart(" \t");
            if (text.IsEmpty)
            {
                return true;
            }

            if (text[0] != ',')
            {
                return false;
            }

            text = text[1..].TrimStart(" \t");
            if (text.IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryTakeKey(ref ReadOnlySpan<char> text, out string key)
    {
        key = "";
        if (text.IsEmpty || !s_keyStart.Contains(text[0]))
        {
            return false;
        }

        var length = LengthOf(text, s_key);
        key = text[..length].ToString();
        text = text[length..];
        return true;
    }

    private static bool TrySkipParameters(ref ReadOnlySpan<char> text)
    {
        while (text is [';', ..])
        {
            text = text[1..].TrimStart(' ');
            if (!TryTakeKey(ref text, out _))
            {
                return false;
            }

            if (text is ['=', ..])
            {
                text = text[1..];
                if (!TrySkipBareItem(ref text))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool TrySkipInnerList(ref ReadOnlySpan<char> text)
    {
        text = text[1..];
        while (true)
        {
            text = text.TrimStart(' ');
            if (text is [')', ..])
            {
                text = text[1..];
                return true;
            }

            if (!TrySkipBareItem(ref text) || !TrySkipParameters(ref text) || text is not [' ' or ')', ..])
            {
                return false;
            }
        }
    }

    private static bool TrySkipBareItem(ref ReadOnlySpan<char> text) => text switch
    {
        ['"', ..] => TrySkipString(ref text),
        ['%', '"', ..] => TrySkipDelimited(ref text, 2, '"'),
        [':', ..] => TrySkipBytes(ref text),
        ['?', '0' or '1', ..] => TrySkip(ref text, 2),
        ['@', ..] => TrySkip(ref text, 1) && TrySkipNumber(ref text, isInteger: true),
        ['-' or (>= '0' and <= '9'), ..] => TrySkipNumber(ref text, isInteger: false),
        ['*' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'), ..] => TrySkip(ref text, LengthOf(text, s_token)),
        _ => false,
    };

    private static bool TrySkipNumber(ref ReadOnlySpan<char> text, bool isInteger)
    {
        const int MaxDigits = 15;
        const int MaxWhole = 12;
        const int MaxFraction = 3;
        text = text is ['-', ..] ? text[1..] : text;
        var whole = LengthOf(text, s_digits);
        text = text[whole..];
        if (isInteger || text is not ['.', ..])
        {
            return whole is > 0 and <= MaxDigits;
        }

        text = text[1..];
        var fraction = LengthOf(text, s_digits);
        text = text[fraction..];
        return whole is > 0 and <= MaxWhole && fraction is > 0 and <= MaxFraction;
    }

    private static bool TrySkipString(ref ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    return TrySkip(ref text, i + 1);
                case '\\' when i + 1 < text.Length && text[i + 1] is '"' or '\\':
                    i++;
                    break;
                case '\\' or < ' ' or > '~':
                    return false;
            }
        }

        return false;
    }

    private static bool TrySkipBytes(ref ReadOnlySpan<char> text)
    {
        var length = LengthOf(text[1..], s_base64);
        return text.Length > length + 1 && text[length + 1] == ':' && TrySkip(ref text, length + 2);
    }

    private static bool TrySkipDelimited(ref ReadOnlySpan<char> text, int start, char end)
    {
        var length = text[start..].IndexOf(end);
        return length >= 0 && TrySkip(ref text, start + length + 1);
    }

    private static bool TrySkip(ref ReadOnlySpan<char> text, int count)
    {
        text = text[count..];
        return true;
    }

    private static int LengthOf(ReadOnlySpan<char> text, SearchValues<char> characters) =>
        text.IndexOfAnyExcept(characters) is >= 0 and var end ? end : text.Length;
}
