using System.Text.Json;
using Gateway.Api.Hosting;
using Gateway.Api.Limits;

namespace Gateway.Api.Errors;

/// <summary>Writes a problem as RFC 9457 <c>application/problem+json</c>.</summary>
internal static class ProblemWriter
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>A larger body that was not read costs more to drain than a new connection.</summary>
    private const long MaxDrainedBody = 64 * 1024;

    /// <summary>Replaces whatever response was prepared; it must not have started.</summary>
    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        var (allow, policy, state) = (response.Headers.Allow, response.Headers[LimitHeaders.Policy], response.Headers[LimitHeaders.State]);
        response.Clear();
        SecurityHeaders.Apply(context);
        response.StatusCode = problem.Status;
        response.ContentType = ContentType;
        response.Headers.Allow = allow;
        response.Headers[LimitHeaders.Policy] = policy;
        response.Headers[LimitHeaders.State] = state;
        response.Headers.CacheControl = "no-store";
        response.Headers.RetryAfter = problem.RetryAfter;
        response.Headers.ContentRange = problem.ContentRange;
        response.Headers.WWWAuthenticate = problem.Challenge;
        if (MustClose(context, problem))
        {
            response.Headers.Connection = "close";
        }

        var body = Format(context, problem);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(body, context.RequestAborted);
        }
    }

    private static bool MustClose(HttpContext context, Problem problem)
    {
        if (!HttpProtocol.IsHttp11(context.Request.Protocol) && !HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            return false;
        }

        // Whoever waits for 100 Continue may leave out the body after a refusal, or send it all the same (RFC 9110, section 10.1.1): nobody
        // can tell which, and Kestrel would take the next request for the body.
        var request = context.Request;
        var leavesBody = request.ContentLength > MaxDrainedBody || request.Headers.TransferEncoding.Count > 0 || request.Headers.Expect.Count > 0;
        return leavesBody || problem.Type == ProblemTypes.ShuttingDown;
    }

    /// <summary>Writes the problem as a JSON object.</summary>
    public static void Format(Utf8JsonWriter json, HttpContext context, Problem problem) => Format(
        json, problem, RequestTarget.FindBackend(context), problem.Path?.Value ?? RequestTarget.FindPath(context), TraceId.Of(context));

    /// <summary>Writes the problem as a JSON object, with what is known of the request.</summary>
    public static void Format(Utf8JsonWriter json, Problem problem, string? backend, string? path, string traceId)
    {
        json.WriteStartObject();
        json.WriteString("type", problem.Type.Uri);
        json.WriteString("title", problem.Type.Title);
        json.WriteNumber("status", problem.Status);
        json.WriteString("detail", problem.Detail);
        json.WriteString("backend", backend);
        json.WriteString("path", path);
        json.WriteBoolean("retryable", problem.Type.Retryable);
        json.WriteString("traceId", traceId);
        problem.Members?.Invoke(json);
        json.WriteEndObject();
    }

    private static byte[] Format(HttpContext context, Problem problem)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonFormat.WriterOptions))
        {
            Format(json, context, problem);
        }

        return stream.ToArray();
    }
}
