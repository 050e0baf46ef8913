using Gateway.Api.Errors;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Streaming;

/// <summary>Conditional requests, in the order of RFC 9110 section 13.2.2.</summary>
internal static class Preconditions
{
    /// <summary>Whether the request has a condition that needs the target's metadata to be judged.</summary>
    public static bool ArePresent(IHeaderDictionary headers) =>
        headers.IfMatch.Count > 0 || headers.IfNoneMatch.Count > 0 || headers.IfUnmodifiedSince.Count > 0;

    /// <summary>Whether the request says <c>If-None-Match: *</c>: create, never replace.</summary>
    public static bool IsCreateOnly(IHeaderDictionary headers) => headers.IfNoneMatch is [var value] && value?.Trim() == "*";

    /// <summary>Whether a condition compares tags: else nobody has to make one to compare with.</summary>
    public static bool CompareTags(IHeaderDictionary headers) =>
        headers.IfMatch.Count > 0 || headers.IfNoneMatch.Count > 0 || headers.IfRange.Count > 0;

    /// <summary>Judges the conditions of <paramref name="request"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="exists">Whether there is a target.</param>
    /// <param name="tag">Its tag; null where it has none.</param>
    /// <param name="modified">Its modification time; null where unknown.</param>
    /// <exception cref="ProblemException">A tag is not written as the RFC demands.</exception>
    public static PreconditionOutcome Evaluate(HttpRequest request, bool exists, EntityTagHeaderValue? tag, DateTimeOffset? modified)
    {
        var headers = request.Headers;
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

        // Steps 1 and 2.
        if (headers.IfMatch.Count > 0)
        {
            if (!Matches(headers.IfMatch, "If-Match", exists, tag, useStrongComparison: true))
            {
                return PreconditionOutcome.Failed;
            }
        }
        else if (ReadDate(headers.IfUnmodifiedSince) is { } unmodifiedSince && modified is { } time && Seconds(time) > unmodifiedSince)
        {
            return PreconditionOutcome.Failed;
        }

        // Steps 3 and 4.
        if (headers.IfNoneMatch.Count > 0)
        {
            if (Matches(headers.IfNoneMatch, "If-None-Match", exists, tag, useStrongComparison: false))
            {
                return isRead ? PreconditionOutcome.NotModified : PreconditionOutcome.Failed;
            }
        }
        else if (isRead && ReadDate(headers.IfModifiedSince) is { } modifiedSince && modified is { } time && Seconds(time) <= modifiedSince)
        {
            return PreconditionOutcome.NotModified;
        }

        return PreconditionOutcome.Proceed;
    }

    /// <summary>
    /// Step 5: whether <c>Range</c> counts. <c>If-Range</c> holds only for a strong validator: a weak tag never, a date only where the
    /// tag of the same file is strong.
    /// </summary>
    public static bool AllowsRange(IHeaderDictionary headers, EntityTagHeaderValue? tag, DateTimeOffset? modified)
    {
        if (headers.IfRange.Count == 0)
        {
            return true;
        }

        if (EntityTagHeaderValue.TryParse(headers.IfRange.ToString(), out var expected))
        {
            return tag is not null && tag.Compare(expected, useStrongComparison: true);
        }

        return ReadDate(headers.IfRange) is { } date && tag is { IsWeak: false } && modified is { } time && Seconds(time) == date;
    }

    private static bool Matches(StringValues header, string name, bool exists, EntityTagHeaderValue? tag, bool useStrongComparison)
    {
        if (header is [var only] && only?.Trim() == "*")
        {
            return exists;
        }

        if (!EntityTagHeaderValue.TryParseStrictList(header!, out var candidates))
        {
            throw new ProblemException(ProblemTypes.InvalidRequest, $"{name} is not a list of entity tags; write them in quotes as the gateway sent them, or *.");
        }

        return tag is not null && candidates.Any(candidate => tag.Compare(candidate, useStrongComparison));
    }

    /// <summary>A header that is no date is ignored, as the RFC demands.</summary>
    private static DateTimeOffset? ReadDate(StringValues header) =>
        header.Count == 1 && HeaderUtilities.TryParseDate(header.ToString(), out var date) ? date : null;

    /// <summary>HTTP's dates know no fractions.</summary>
    private static DateTimeOffset Seconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
