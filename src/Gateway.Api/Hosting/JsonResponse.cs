using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gateway.Api.Hosting;

/// <summary>Answers with a small document.</summary>
internal static class JsonResponse
{
    /// <summary>The media type of every document but problems and health.</summary>
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>Writes <paramref name="document"/> as the whole response.</summary>
    public static async Task WriteAsync<T>(HttpContext context, T document, JsonTypeInfo<T> type, string contentType = ContentType)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(document, type);
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
        }
    }
}
