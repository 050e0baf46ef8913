using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Api.Errors;

namespace Gateway.Api.Hosting;

/// <summary>Reads the small JSON documents that requests carry.</summary>
internal static class JsonBody
{
    /// <summary>Reads the body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">The document's type.</param>
    /// <param name="form">How it is written, as an example for the caller.</param>
    /// <exception cref="ProblemException">It is no such document, or not JSON at all.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, string form)
        where T : class
    {
        // Also types like application/merge-patch+json.
        if (!context.Request.HasJsonContentType())
        {
            throw new ProblemException(ProblemTypes.UnsupportedMediaType, "The body is JSON; say so with Content-Type: application/json.");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.BodyReader, type, context.RequestAborted)
                ?? throw new JsonException("The body is null.");
        }
        catch (JsonException exception)
        {
            throw new ProblemException(ProblemTypes.InvalidRequest, $"The body is not {form}: {Reason(exception, type)}");
        }
    }

    /// <summary>The serializer's sentence without the names of the gateway's types.</summary>
    private static string Reason(JsonException exception, JsonTypeInfo type)
    {
        if (exception.Message.Contains("missing required", StringComparison.Ordinal))
        {
            return string.Join(" and ", type.Properties.Where(property => property.IsRequired).Select(property => $"'{property.Name}'")) + " are required.";
        }

        return exception.Path is { Length: > 1 } path ? $"look at {path}." : "it is not valid JSON of that form.";
    }
}
