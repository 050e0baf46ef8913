using System.Runtime.ExceptionServices;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Files;

/// <summary><c>GET</c> and <c>HEAD</c> of a file.</summary>
internal sealed partial class DownloadHandler(
    CurrentSettings settings, ConnectionBroker broker, DownloadCopier copier, TransferMetrics metrics, TimeProvider time, ILogger<DownloadHandler> logger)
{
    private static readonly FileExtensionContentTypeProvider s_contentTypes = new();

    public async Task HandleAsync(HttpContext context)
    {
        var (backend, path) = BackendRequest.Read(context, settings);
        if (path.IsRoot)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "The root is a folder; its content is at …/directories/.");
        }

        // 1. Open. HEAD does so too: it must fail where GET would.
        await using var opened = await broker.OpenAsync(
            backend.Name, (connection, token) => connection.OpenReadAsync(path, token), context.RequestAborted);
        var file = opened.Value;
        if (file.Entry.Type == RemoteEntryType.Directory)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "This is a folder; its content is at …/directories/.");
        }

        // 2. What the caller has already, or knows of it.
        var tag = EntryTag.Of(backend.Name, path, file.Entry, time.GetUtcNow());
        var modified = file.Entry is { IsModifiedApproximate: false } ? file.Entry.Modified : null;
        WriteValidators(context.Response, tag, modified);
        switch (Preconditions.Evaluate(context.Request, exists: true, tag, modified))
        {
            case PreconditionOutcome.NotModified:
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            case PreconditionOutcome.Failed:
                throw TargetConditions.Failed();
        }

        // 3. Which bytes.
        var length = SelectBytes(context, file, tag, modified);
        WriteDescription(context, path);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        // 4. The body.
        var result = await CopyAsync(context, backend, file, length);
        switch (result.Outcome)
        {
            case CopyOutcome.CallerStalled:
                LogStalled(LoggedText.Of(context), backend.StallTimeout, result.Bytes, TraceId.Of(context));
                context.Abort();
                break;
            case CopyOutcome.CallerLeft:
                LogLeft(LoggedText.Of(context), result.Bytes, TraceId.Of(context));
                context.Abort();
                break;
            case CopyOutcome.BackendFailed:
                ExceptionDispatchInfo.Throw(result.Failure!);
                break;
        }
    }

    private async ValueTask<CopyResult> CopyAsync(HttpContext context, ConfiguredBackend backend, RemoteReadStream file, long? length)
    {
        CopyResult? result = null;
        var begun = metrics.Begin(backend.Name, TransferMetrics.Download);
        try
        {
            result = await copier.CopyAsync(
                file, context.Response.BodyWriter, length, backend.StallTimeout, context.Abort, context.RequestAborted);
            return result.Value;
        }
        finally
        {
            metrics.End(backend.Name, TransferMetrics.Download, begun, result);
        }
    }

    private static void WriteValidators(HttpResponse response, EntityTagHeaderValue? tag, DateTimeOffset? modified)
    {
        response.Headers.ETag = tag?.ToString();
        response.Headers.LastModified = modified is { } time ? HeaderUtilities.FormatDate(time) : default;

        // Kept by nobody but the caller, and never used without asking: the gateway cannot tell anybody that a file changed.
        response.Headers.CacheControl = "private, no-cache";
    }

    /// <returns>Bytes of the body; null where the server does not tell the size.</returns>
    private static long? SelectBytes(HttpContext context, RemoteReadStream file, EntityTagHeaderValue? tag, DateTimeOffset? modified)
    {
        var response = context.Response;
        if (file.Entry.Size is not { } size)
        {
            response.Headers.AcceptRanges = "none";
            return null;
        }

        response.Headers.AcceptRanges = "bytes";
        var headers = context.Request.Headers;
        var kind = Preconditions.AllowsRange(headers, tag, modified)
            ? RangeHeader.Read(headers.Range.Count == 0 ? null : headers.Range.ToString(), size, out var range)
            : RangeHeader.Read(null, size, out range);
        switch (kind)
        {
            case RangeKind.Unsatisfiable:
                throw new ProblemException(ProblemTypes.RangeNotSatisfiable, $"The file has {size} bytes.") { UnsatisfiedLength = size };
            case RangeKind.Single:
                file.SelectRange(range.Offset, range.Length);
                response.StatusCode = StatusCodes.Status206PartialContent;
                response.Headers.ContentRange = range.ToContentRange(size);
                response.ContentLength = range.Length;
                return range.Length;
            default:
                response.ContentLength = size;
                return size;
        }
    }

    /// <summary>A stranger's file, served from the same origin as an application: never sniffed, never run.</summary>
    private static void WriteDescription(HttpContext context, RemotePath path)
    {
        var response = context.Response;
        response.ContentType = s_contentTypes.TryGetContentType(path.Name, out var type) ? type : "application/octet-stream";
        response.Headers.ContentDisposition = ContentDisposition.Format(path.Name, ReadDisposition(context.Request));
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox";
    }

    private static bool ReadDisposition(HttpRequest request) => request.Query["disposition"].ToString() switch
    {
        "" or "attachment" => false,
        "inline" => true,
        _ => throw new ProblemException(ProblemTypes.InvalidRequest, "disposition is attachment or inline."),
    };

    [LoggerMessage(1300, LogLevel.Information, "GET {Target}: the caller took nothing for {Timeout} after {Bytes} bytes and was cut off [{TraceId}]")]
    private partial void LogStalled(string target, TimeSpan timeout, long bytes, string traceId);

    [LoggerMessage(1301, LogLevel.Debug, "GET {Target}: the caller left after {Bytes} bytes [{TraceId}]")]
    private partial void LogLeft(string target, long bytes, string traceId);
}
