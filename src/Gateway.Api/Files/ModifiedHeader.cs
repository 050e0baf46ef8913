using System.Globalization;
using Gateway.Api.Errors;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Files;

/// <summary>The file's own time, where the caller tells it: <c>X-Modified</c>, or <c>Last-Modified</c> as HTTP writes it.</summary>
internal static class ModifiedHeader
{
    /// <summary>The time; null where the caller tells none.</summary>
    /// <exception cref="ProblemException">It is no date.</exception>
    public static DateTimeOffset? Read(IHeaderDictionary headers)
    {
        var text = headers["X-Modified"] is { Count: > 0 } own ? own.ToString() : headers.LastModified.ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return HeaderUtilities.TryParseDate(text, out var date)
            || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date)
            ? date
            : throw new ProblemException(ProblemTypes.InvalidRequest, "X-Modified and Last-Modified are dates: 2025-01-31T12:00:00Z, or as HTTP writes them.");
    }
}
