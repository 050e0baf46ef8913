using Gateway.Api.Errors;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Hosting;

/// <summary>The <c>Accept</c> header of RFC 9110 section 12.5.1.</summary>
internal static class ContentNegotiation
{
    /// <summary>The one of <paramref name="offers"/> that the caller likes best; the first where it likes several.</summary>
    /// <exception cref="ProblemException">The caller takes none of them.</exception>
    public static string Choose(HttpRequest request, params ReadOnlySpan<string> offers)
    {
        if (request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept!, out var accepted))
        {
            return offers[0];
        }

        var (best, bestQuality) = ("", 0.0);
        foreach (var offer in offers)
        {
            var quality = Quality(new MediaTypeHeaderValue(offer), accepted);
            if (quality > bestQuality)
            {
                (best, bestQuality) = (offer, quality);
            }
        }

        return bestQuality > 0
            ? best
            : throw new ProblemException(ProblemTypes.NotAcceptable, $"This resource comes as {string.Join(" or ", offers.ToArray())}.");
    }

    /// <summary>Whether the caller likes one form better than another; not where it says nothing, or likes them alike.</summary>
    public static bool Prefers(HttpRequest request, string form, string other) =>
        request.Headers.Accept.Count > 0
        && MediaTypeHeaderValue.TryParseList(request.Headers.Accept!, out var accepted)
        && Quality(new MediaTypeHeaderValue(form), accepted) > Quality(new MediaTypeHeaderValue(other), accepted);

    /// <summary>The most specific range decides: <c>text/html, */*;q=0.1</c> takes JSON at 0.1.</summary>
    private static double Quality(MediaTypeHeaderValue offer, IList<MediaTypeHeaderValue> accepted)
    {
        var (quality, specificity) = (0.0, -1);
        foreach (var range in accepted)
        {
            var rank = range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
            if (rank > specificity && offer.IsSubsetOf(range))
            {
                (quality, specificity) = (range.Quality ?? 1.0, rank);
            }
        }

        return quality;
    }
}
