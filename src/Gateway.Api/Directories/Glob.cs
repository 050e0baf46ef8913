using System.Text;

namespace Gateway.Api.Directories;

/// <summary>
/// A pattern for names: <c>*</c> any characters, <c>?</c> one, <c>[a-z]</c> one of a set, <c>[!a-z]</c> one not of it, <c>\</c> takes the next
/// character as it is. Case counts. Matching takes time in the product of the two lengths at most.
/// </summary>
internal sealed class Glob
{
    /// <summary>Longest pattern.</summary>
    public const int MaxLength = 1024;

    private readonly Element[] _elements;

    private Glob(Element[] elements) => _elements = elements;

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="reason">Why not, as a sentence for the caller; empty on success.</param>
    /// <returns>The glob; null where the pattern is wrong.</returns>
    public static Glob? TryParse(string pattern, out string reason)
    {
        reason = "";
        if (pattern.Length is 0 or > MaxLength)
        {
            reason = $"The pattern has to have 1 to {MaxLength} characters.";
            return null;
        }

        var runes = Runes(pattern);
        var elements = new List<Element>();
        for (var i = 0; i < runes.Length; i++)
        {
            switch (runes[i].Value)
            {
                case '*':
                    elements.Add(new Element { IsStar = true });
                    break;
                case '?':
                    elements.Add(new Element { IsNegated = true });
                    break;
                case '[':
                    if (ReadSet(runes, ref i) is not { } set)
                    {
                        reason = "The pattern has a [ without its ]; a bracket itself is written \\[.";
                        return null;
                    }

                    elements.Add(set);
                    break;
                case '\\' when i + 1 < runes.Length:
                    i++;
                    elements.Add(Single(runes[i]));
                    break;
                default:
                    elements.Add(Single(runes[i]));
                    break;
            }
        }

        return new Glob([.. elements]);
    }

    /// <summary>Whether the whole of <paramref name="name"/> fits.</summary>
    public bool IsMatch(string name)
    {
        var runes = Runes(name);
        var (element, rune) = (0, 0);
        var (star, resume) = (-1, 0);
        while (rune < runes.Length)
        {
            if (element < _elements.Length && _elements[element].IsStar)
            {
                (star, resume) = (element++, rune);
            }
            else if (element < _elements.Length && _elements[element].Accepts(runes[rune]))
            {
                element++;
                rune++;
            }
            else if (star >= 0)
            {
                // The last star takes one more; an earlier one never has to.
                (element, rune) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return _elements.AsSpan(element).IndexOfAnyExcept(new Element { IsStar = true }) < 0;
    }

    private static Rune[] Runes(string text) => [.. text.EnumerateRunes()];

    private static Element Single(Rune rune) => new() { Ranges = [(rune, rune)] };

    private static Element? ReadSet(Rune[] runes, ref int i)
    {
        var at = i + 1;
        var isNegated = at < runes.Length && runes[at].Value is '!' or '^';
        at += isNegated ? 1 : 0;

        var ranges = new List<(Rune, Rune)>();
        for (var first = at; at < runes.Length; at++)
        {
            // A bracket right at the start stands for itself.
            if (runes[at].Value == ']' && at > first)
            {
                i = at;
                return new Element { Ranges = [.. ranges], IsNegated = isNegated };
            }

            if (at + 2 < runes.Length && runes[at + 1].Value == '-' && runes[at + 2].Value != ']')
            {
                ranges.Add((runes[at], runes[at + 2]));
                at += 2;
            }
            else
            {
                ranges.Add((runes[at], runes[at]));
            }
        }

        return null;
    }

    private readonly record struct Element
    {
        public bool IsStar { get; init; }

        public bool IsNegated { get; init; }

        public (Rune From, Rune To)[]? Ranges { get; init; }

        public bool Accepts(Rune rune)
        {
            foreach (var (from, to) in Ranges ?? [])
            {
                if (rune >= from && rune <= to)
                {
                    return !IsNegated;
                }
            }

            return IsNegated;
        }
    }
}
