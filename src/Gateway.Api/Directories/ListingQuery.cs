using Gateway.Api.Errors;
using Gateway.Api.Hosting;

namespace Gateway.Api.Directories;

/// <summary>What a caller wants of a listing.</summary>
internal sealed record ListingQuery
{
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

    /// <summary>Reads the query.</summary>
    /// <exception cref="ProblemException">A parameter is not understood.</exception>
    public static ListingQuery Read(HttpRequest request) => new()
    {
        Sort = QueryReader.ReadChoice(request, "sort", "name", "size", "modified") switch
        {
            "size" => ListingSort.Size,
            "modified" => ListingSort.Modified,
            _ => ListingSort.Name,
        },
        IsDescending = QueryReader.ReadChoice(request, "order", "asc", "desc") == "desc",
        Limit = QueryReader.ReadCount(request, "limit"),
        After = QueryReader.ReadText(request, "after") is { Length: > 0 } after ? after : null,
        Match = ReadMatch(request),
    };

    private static Glob? ReadMatch(HttpRequest request)
    {
        if (QueryReader.ReadText(request, "match") is not { Length: > 0 } pattern)
        {
            return null;
        }

        return Glob.TryParse(pattern, out var reason) ?? throw QueryReader.Invalid($"The query parameter 'match': {reason}");
    }
}
