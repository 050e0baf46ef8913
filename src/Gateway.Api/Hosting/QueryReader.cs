using System.Globalization;
using Gateway.Api.Errors;

namespace Gateway.Api.Hosting;

/// <summary>Reads query parameters: each at most once, each of a known form.</summary>
internal static class QueryReader
{
    /// <summary>The text of a parameter; null where it is absent.</summary>
    public static string? ReadText(HttpRequest request, string name)
    {
        var values = request.Query[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw Invalid($"The query parameter '{name}' is given more than once."),
        };
    }

    /// <summary>A parameter that is <c>true</c> or <c>false</c>; false where it is absent.</summary>
    public static bool ReadFlag(HttpRequest request, string name) => ReadText(request, name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Invalid($"The query parameter '{name}' is true or false."),
    };

    /// <summary>A whole number of at least one; null where it is absent.</summary>
    public static int? ReadCount(HttpRequest request, string name)
    {
        if (ReadText(request, name) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw Invalid($"The query parameter '{name}' is a whole number of at least 1.");
    }

    /// <summary>One of <paramref name="choices"/>; the first of them where it is absent.</summary>
    public static string ReadChoice(HttpRequest request, string name, params ReadOnlySpan<string> choices)
    {
        if (ReadText(request, name) is not { } text)
        {
            return choices[0];
        }

        return choices.Contains(text)
            ? text
            : throw Invalid($"The query parameter '{name}' is one of {string.Join(", ", choices.ToArray())}.");
    }

    /// <summary>The problem of a query that is not understood.</summary>
    public static ProblemException Invalid(string detail) => new(ProblemTypes.InvalidRequest, detail);
}
