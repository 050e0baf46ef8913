using System.Globalization;
using System.Text.Json;
using Gateway.Api.Copies;
using Gateway.Api.Forms;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;

namespace Gateway.Api.Errors;

/// <summary>What a failed request is answered with.</summary>
/// <param name="Type">The type.</param>
/// <param name="Detail">A sentence for the caller.</param>
internal sealed record Problem(ProblemType Type, string Detail)
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(2);

    /// <summary>The status; the type's own but for statuses that the server itself chose.</summary>
    public int Status { get; init; } = Type.Status;

    /// <summary>The path it concerns, where it is another than the request's.</summary>
    public RemotePath? Path { get; init; }

    /// <summary>The value of <c>Retry-After</c> in seconds; null for none.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>The value of <c>WWW-Authenticate</c>; null for none.</summary>
    public string? Challenge { get; init; }

    /// <summary>The value of <c>Content-Range</c>; null for none.</summary>
    public string? ContentRange { get; init; }

    /// <summary>The exception, where it is the gateway's own failure.</summary>
    public Exception? Defect { get; init; }

    /// <summary>What the server said, for the log.</summary>
    public string? Diagnostic { get; init; }

    /// <summary>What the answer tells besides, member by member; null for nothing.</summary>
    public Action<Utf8JsonWriter>? Members { get; init; }

    /// <summary>The answer to <paramref name="exception"/>.</summary>
    public static Problem From(Exception exception) => exception switch
    {
        BackendException backend => From(backend),
        FormException form => From(form),
        TreeCopyException copy => From(copy.Cause) with { Members = json => json.WriteNumber("copied", copy.Copied) },
        ProblemException problem => From(problem),
        BadHttpRequestException bad => new Problem(ProblemTypes.ForStatus(bad.StatusCode), Describe(bad)) { Status = bad.StatusCode },
        _ => new Problem(ProblemTypes.InternalError, "The gateway failed. Its log has the details under this trace id.") { Defect = exception },
    };

    /// <summary>The answer where the framework chose a status and wrote nothing.</summary>
    public static Problem From(int status, HttpRequest request)
    {
        var detail = status switch
        {
            StatusCodes.Status404NotFound => "There is no such route.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Method} is not a method of this resource.",
            _ => $"The request was refused with status {status}.",
        };
        return new Problem(ProblemTypes.ForStatus(status), detail) { Status = status };
    }

    private static Problem From(BackendException exception)
    {
        var type = ProblemTypes.For(exception.Error);
        return new Problem(type, exception.Message)
        {
            Path = exception.Path,
            RetryAfter = type.Status == StatusCodes.Status503ServiceUnavailable ? Seconds(exception.RetryAfter ?? s_retryAfter) : null,
            Diagnostic = exception.Diagnostic,
        };
    }

    private static Problem From(FormException exception)
    {
        var problem = From(exception.Cause);
        return problem with
        {
            Path = exception.Path ?? problem.Path,
            Members = json =>
            {
                json.WritePropertyName("stored");
                JsonSerializer.Serialize(json, exception.Stored, GatewayJson.Documents.IReadOnlyListFormFileDocument);
            },
        };
    }

    private static Problem From(ProblemException exception) => new(exception.Type, exception.Message)
    {
        Path = exception.Path,
        RetryAfter = exception.RetryAfter is { } wait ? Seconds(wait)
            : exception.Type.Status == StatusCodes.Status503ServiceUnavailable ? Seconds(s_retryAfter) : null,
        Challenge = exception.Challenge,
        ContentRange = exception.UnsatisfiedLength is { } length ? string.Create(CultureInfo.InvariantCulture, $"bytes */{length}") : null,
    };

    private static string Describe(BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => "The body is larger than a request of this kind may be.",
        StatusCodes.Status408RequestTimeout => "The body arrived too slowly.",
        // Kestrel's own sentences: about framing, free of anything secret.
        _ => exception.Message,
    };

    /// <summary>Rounded up: a caller that comes too early is refused again.</summary>
    private static string Seconds(TimeSpan time) =>
        Math.Max(1, (long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
