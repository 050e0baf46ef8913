using Gateway.Api.Access;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Identity;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Audit;

/// <summary>What is known of a request for the audit: a feature of the request, to which handlers add while it runs. There only while the audit is on.</summary>
internal sealed class AuditEntry(AuditLog log, TimeProvider time)
{
    private const string Nothing = "-";

    /// <summary>In characters, each of which may be escaped to six: the longest path has fewer than that.</summary>
    private const int MaxText = RemotePath.MaxBytes;

    private readonly long _begun = time.GetTimestamp();
    private CopyOutcome? _transfer;
    private bool _wasCutOff;

    /// <summary>The path; null where no handler has read it, and the URL tells.</summary>
    public RemotePath? Path { get; set; }

    /// <summary>The other path of a move or copy.</summary>
    public RemotePath? Target { get; private set; }

    /// <summary>The other backend of a copy.</summary>
    public string? TargetBackend { get; private set; }

    /// <summary>Bytes of files that went through.</summary>
    public long Bytes { get; set; }

    /// <summary>Files or entries that were stored, copied or deleted.</summary>
    public long Entries { get; set; }

    /// <summary>The link that was made.</summary>
    public string? LinkId { get; set; }

    /// <summary>That of a request; null while the audit is off.</summary>
    public static AuditEntry? Find(HttpContext context) => context.FindFeature<AuditEntry>();

    /// <summary>A transfer has ended; null where something else than the copying failed.</summary>
    public void Transferred(CopyResult? result)
    {
        Bytes += result?.Bytes ?? 0;
        _transfer = result?.Outcome ?? CopyOutcome.BackendFailed;
    }

    /// <summary>The request is about two paths.</summary>
    public void Between(RemotePath from, RemotePath to, string? targetBackend = null) => (Path, Target, TargetBackend) = (from, to, targetBackend);

    /// <summary>The gateway broke the answer off.</summary>
    public void CutOff() => _wasCutOff = true;

    /// <summary>A part of the request that gets a line of its own, such as a file of a form.</summary>
    public AuditEntry Begin(RemotePath path) => new(log, time) { Path = path };

    /// <summary>A part of the request has ended.</summary>
    public void Stored(AuditEntry part, bool isWhole)
    {
        Bytes += part.Bytes;
        Entries += isWhole ? 1 : 0;
        _transfer = part._transfer == CopyOutcome.CallerLeft ? CopyOutcome.CallerLeft : _transfer;
    }

    /// <summary>Writes the line of a part.</summary>
    /// <param name="context">The request.</param>
    /// <param name="failure">Why it failed; null where it did not.</param>
    public void End(HttpContext context, Exception? failure)
    {
        var status = failure is not null ? Problem.From(failure).Status : _transfer == CopyOutcome.CallerLeft ? 0 : StatusCodes.Status201Created;
        Write(context, status);
    }

    /// <summary>Writes the line of the request, if it was an operation, or is refused.</summary>
    public void End(HttpContext context)
    {
        var response = context.Response;
        var isRefusal = response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests;
        var isOperation = context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) && !HttpMethods.IsOptions(context.Request.Method);
        if (isOperation || isRefusal)
        {
            Write(context, !response.HasStarted && context.RequestAborted.IsCancellationRequested ? 0 : response.StatusCode);
        }
    }

    private void Write(HttpContext context, int status)
    {
        var caller = Caller.Find(context);
        log.Write(new AuditLine
        {
            Outcome = OutcomeOf(context, status),
            Status = status,
            Caller = Text(caller?.CallerName),
            CallerKind = caller?.AuthenticationType ?? Nothing,
            LinkId = Text(caller?.LinkId ?? LinkId),
            Client = context.Connection.RemoteIpAddress?.ToString() ?? Nothing,
            Method = Text(context.Request.Method),
            Verb = context.GetEndpoint()?.Metadata.GetMetadata<RequiredRight>()?.VerbName ?? Nothing,
            Backend = Text(RequestTarget.FindBackend(context)),
            Path = Text(Path?.Value ?? RequestTarget.FindPath(context) ?? RequestTarget.RawPath(context).ToString()),
            TargetBackend = Text(TargetBackend),
            Target = Text(Target?.Value),
            Bytes = Bytes,
            Entries = Entries,
            DurationMilliseconds = (long)time.GetElapsedTime(_begun).TotalMilliseconds,
            TraceId = TraceId.Of(context),
        });
    }

    private string OutcomeOf(HttpContext context, int status) => (_transfer, status) switch
    {
        (CopyOutcome.CallerLeft, _) => "caller_left",
        (CopyOutcome.CallerStalled, _) => "caller_stalled",
        _ when _wasCutOff => "cut_off",
        (_, >= 500) => "failed",
        (_, >= 400) => "refused",
        _ when _transfer != CopyOutcome.Completed && context.RequestAborted.IsCancellationRequested => "caller_left",
        _ => "completed",
    };

    /// <summary>Within quotation marks nothing ends them.</summary>
    private static string Text(string? text) =>
        string.IsNullOrEmpty(text) ? Nothing : LoggedText.Of(text, MaxText).Replace("\"", "\\u0022", StringComparison.Ordinal);
}
