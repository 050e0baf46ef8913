using Gateway.Api.Errors;
using Gateway.Api.Hosting;

namespace Gateway.Api.Directories;

/// <summary>What a caller wants of a listing.</summary>
internal sealed record ListingQuery
{
    /// <summary>The deepest tree that is listed: what a server pretends to be deeper, by links that it shows as folders, has no end.</summary>
    public const int MaxDepth = 64;

    /// <summary>What to order by.</summary>
    public required ListingSort Sort { get; init; }

    /// <summary>Whether the largest comes first.</summary>
    public required bool IsDescending { get; init; }

    /// <summary>Most entries; null for all.</summary>
    public required int? Limit { get; init; }

    /// <summary>The <c>next</c> of the page before; null for the first page.</summary>
    public required string? After { get; init; }

    /// <summary>Which names; null for all.</summary>
    public required Glob? Match { get; init; }

    /// <summary>Folders below each other that are listed: 1 for the folder alone.</summary>
    public required int Depth { get; init; }

    /// <summary>Whether what is in folders of the folder is listed, too.</summary>
    public bool IsRecursive => Depth > 1;

    /// <summary>All that decides which entries come in which order, but not which of them are on a page.</summary>
    public required string Shape { get; init; }

    /// <summary>Reads the query.</summary>
    /// <exception cref="ProblemException">A parameter is not understood.</exception>
    public static ListingQuery Read(HttpRequest request)
    {
        var sort = QueryReader.ReadChoice(request, "sort", "name", "size", "modified");
        var order = QueryReader.ReadChoice(request, "order", "asc", "desc");
        var pattern = QueryReader.ReadText(request, "match");
        var depth = ReadDepth(request);
        return new ListingQuery
        {
            Sort = sort switch
            {
                "size" => ListingSort.Size,
                "modified" => ListingSort.Modified,
                _ => ListingSort.Name,
            },
            IsDescending = order == "desc",
            Limit = QueryReader.ReadCount(request, "limit"),
            After = QueryReader.ReadText(request, "after") is { Length: > 0 } after ? after : null,
            Match = pattern is { Length: > 0 } ? ParseMatch(pattern) : null,
            Depth = depth,
            Shape = $"{sort} {order} {depth} {pattern}",
        };
    }

    private static int ReadDepth(HttpRequest request)
    {
        var depth = QueryReader.ReadCount(request, "depth");
        if (!QueryReader.ReadFlag(request, "recursive"))
        {
            return depth is null ? 1 : throw QueryReader.Invalid("The query parameter 'depth' is for recursive=true.");
        }

        return depth is null or <= MaxDepth ? depth ?? MaxDepth : throw QueryReader.Invalid($"The query parameter 'depth' is at most {MaxDepth}.");
    }

    private static Glob ParseMatch(string pattern) =>
        Glob.TryParse(pattern, out var reason) ?? throw QueryReader.Invalid($"The query parameter 'match': {reason}");
}
