using System.Diagnostics.CodeAnalysis;
using Gateway.Broker.Backends;

namespace Gateway.Api.Access;

/// <summary>
/// Which paths a grant is about. Segment by segment: <c>*</c> stands for any part of a name, <c>**</c> for any number of whole segments, at the
/// end for at least one. So <c>/reports/**</c> covers all that is below <c>/reports</c>, not the folder itself; <c>/a</c> never covers
/// <c>/ab</c>. Everything else is taken as it is: case counts, and no two spellings of a letter are one.
/// </summary>
/// <remarks>
/// A match follows all ways through the pattern at once, one bit for each of its segments: neither a pattern nor a path can make it slow.
/// </remarks>
internal sealed class PathPattern
{
    /// <summary>Most segments: one bit each, and one for the end.</summary>
    private const int MaxSegments = 63;

    private const string Any = "**";

    private readonly string[] _segments;
    private readonly ulong _end;

    private PathPattern(string[] segments)
    {
        _segments = segments;
        _end = 1UL << segments.Length;
    }

    /// <summary>Whether everything but the root itself is covered.</summary>
    public bool CoversAll => _segments is [Any];

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="reason">What is wrong, as advice to the operator.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PathPattern? pattern, [NotNullWhen(false)] out string? reason)
    {
        pattern = null;
        if (text?.StartsWith('/') != true)
        {
            reason = "Write a pattern that starts with a slash, such as /reports/**.";
            return false;
        }

        // The root, and nothing else.
        string[] segments = text.Length == 1 ? [] : text[1..].Split('/');
        reason = segments.Length > MaxSegments ? $"The pattern has more than {MaxSegments} segments." : Array.Find(Array.ConvertAll(segments, WhyNot), found => found is not null);
        if (reason is not null)
        {
            return false;
        }

        pattern = new PathPattern(segments);
        return true;
    }

    /// <summary>Whether <paramref name="path"/> is covered.</summary>
    public bool Covers(RemotePath path) => (Walk(path) & _end) != 0;

    /// <summary>Whether something below <paramref name="path"/> can be covered: it is on the way there.</summary>
    public bool LeadsFrom(RemotePath path) => (Walk(path) & (_end - 1)) != 0;

    /// <summary>Whether everything below <paramref name="path"/> is covered; the path itself need not be.</summary>
    public bool CoversTree(RemotePath path) => _segments is [.., Any] && (Walk(path) & (_end >> 1)) != 0;

    private static string? WhyNot(string segment) => segment switch
    {
        "" => "The pattern has an empty segment, or ends with a slash; write /reports/** for what is in a folder.",
        Any => null,
        _ when segment.Contains(Any, StringComparison.Ordinal) => "** stands for whole segments; within a name write *.",
        _ when !RemotePath.IsValidName(segment) => "The pattern has a '.' or '..' segment, or a control character: no path does.",
        _ => null,
    };

    /// <summary>The places in the pattern that are reached behind <paramref name="path"/>, a bit for each.</summary>
    private ulong Walk(RemotePath path)
    {
        var places = Skip(1);
        if (path.IsRoot)
        {
            return places;
        }

        var rest = path.Value.AsSpan(1);
        while (places != 0)
        {
            var slash = rest.IndexOf('/');
            places = Step(places, slash < 0 ? rest : rest[..slash]);
            if (slash < 0)
            {
                return places;
            }

            rest = rest[(slash + 1)..];
        }

        return 0;
    }

    private ulong Step(ulong places, ReadOnlySpan<char> name)
    {
        ulong next = 0;
        for (var i = 0; i < _segments.Length; i++)
        {
            if ((places & (1UL << i)) == 0)
            {
                continue;
            }

            if (_segments[i] is Any)
            {
                next |= (1UL << i) | (1UL << (i + 1));
            }
            else if (IsMatch(_segments[i], name))
            {
                next |= 1UL << (i + 1);
            }
        }

        return Skip(next);
    }

    /// <summary><c>**</c> stands for no segment, too, but at the end.</summary>
    private ulong Skip(ulong places)
    {
        for (var i = 0; i < _segments.Length - 1; i++)
        {
            if ((places & (1UL << i)) != 0 && _segments[i] is Any)
            {
                places |= 1UL << (i + 1);
            }
        }

        return places;
    }

    /// <summary>Only the last <c>*</c> has to be tried again: at most the product of the lengths.</summary>
    private static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (at, star, restart) = (0, -1, 0);
        for (var i = 0; i < name.Length;)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, restart) = (at++, i);
            }
            else if (at < pattern.Length && pattern[at] == name[i])
            {
                at++;
                i++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                i = ++restart;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].TrimStart('*').IsEmpty;
    }
}
