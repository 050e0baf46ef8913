using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Streaming;
using Gateway.Broker.Async;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Files;

/// <summary><c>GET</c> and <c>HEAD</c> of a file.</summary>
internal sealed partial class DownloadHandler(
    CurrentSettings settings, ConnectionBroker broker, LinkPage links, TransferMetrics metrics, TimeProvider time, ILogger<DownloadHandler> logger)
{
    private static readonly FileExtensionContentTypeProvider s_contentTypes = new();

    [AsyncMethodBuilder(typeof(RecyclingTaskMethodBuilder))]
    public async Task HandleAsync(HttpContext context)
    {
        var (backend, path) = BackendRequest.Read(context, settings);
        var access = CallerAccess.Of(context);
        if (LinkPage.IsWanted(context.Request) && access.Allows(backend.Name, path, GrantVerb.List) && await TrySendLinksAsync(context, access, backend, path))
        {
            return;
        }

        await access.LetThroughAsync(backend.Name, path, GrantVerb.Read, context.RequestAborted);

        if (path.IsRoot)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "The root is a folder; its content is at …/directories/.");
        }

        // 1. Open. HEAD does so too: it must fail where GET would.
        await using var source = new DownloadSource(
            broker, backend.Name, path, await broker.OpenReadAsync(backend.Name, path, context.RequestAborted));
        var file = source.Entry;
        if (file.Type == RemoteEntryType.Directory)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "This is a folder; its content is at …/directories/.");
        }

        // 2. What the caller has already, or knows of it.
        var etag = EntryTag.Format(backend.Name, path, file, time.GetUtcNow());
        var modified = file.ExactModified;
        WriteValidators(context.Response, etag, modified);
        var tag = etag is not null && Preconditions.CompareTags(context.Request.Headers) ? EntityTagHeaderValue.Parse(etag) : null;
        switch (Preconditions.Evaluate(context.Request, exists: true, tag, modified))
        {
            case PreconditionOutcome.NotModified:
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            case PreconditionOutcome.Failed:
                throw TargetConditions.Failed();
        }

        // 3. Which bytes.
        var name = path.Name;
        var contentType = s_contentTypes.TryGetContentType(name, out var type) ? type : "application/octet-stream";
        var body = DownloadBody.Choose(context.Request, file, tag, modified, contentType);
        body.Describe(context.Response, file, contentType);
        WriteProtection(context, name);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        // 4. The body.
        var result = new CopyResult(CopyOutcome.BackendFailed, 0);
        var progress = metrics.Begin(backend.Name, TransferMetrics.Download);
        using var sink = new ResponseSink(context, backend.StallTimeout, time) { Progress = progress };
        try
        {
            result = await CopyAsync(context, source, body, sink);
        }
        finally
        {
            metrics.End(progress, result);
            AuditEntry.Find(context)?.Transferred(result);
        }

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

    /// <returns>False where it is no folder: a slash behind a file's name changes nothing.</returns>
    private async ValueTask<bool> TrySendLinksAsync(HttpContext context, CallerAccess access, ConfiguredBackend backend, RemotePath path)
    {
        try
        {
            var folder = await access.RequireAsync(backend.Name, path, GrantVerb.List, follows: true, context.RequestAborted);
            await links.SendAsync(context, backend, folder);
            return true;
        }
        catch (BackendException exception) when (exception.Error == BackendError.NotADirectory && !context.Response.HasStarted)
        {
            return false;
        }
    }

    private static ValueTask<CopyResult> CopyAsync(HttpContext context, DownloadSource source, DownloadBody body, ResponseSink sink)
    {
        if (body.Parts is { } parts)
        {
            return DownloadCopier.CopyPartsAsync(source, sink, parts);
        }

        if (body.Range is { } range)
        {
            return CopyRangeAsync(source, range, body.Length, sink);
        }

        return body.IsWhole && ReprDigest.Begin(context) is { } digest
            ? CopyDigestedAsync(source, body.Length, sink, digest)
            : DownloadCopier.CopyAsync(source.Stream, sink, body.Length);
    }

    private static async ValueTask<CopyResult> CopyRangeAsync(DownloadSource source, ByteRange range, long? length, ResponseSink sink)
    {
        await source.SelectAsync(range, sink.Aborted);
        return await DownloadCopier.CopyAsync(source.Stream, sink, length);
    }

    private static async ValueTask<CopyResult> CopyDigestedAsync(DownloadSource source, long? length, ResponseSink sink, ReprDigest digest)
    {
        using (digest)
        {
            var result = await DownloadCopier.CopyAsync(source.Stream, sink, length, digest);
            if (result.Outcome == CopyOutcome.Completed)
            {
                digest.End();
                result = result with { Outcome = await sink.FlushAsync() };
            }

            return result;
        }
    }

    private static void WriteValidators(HttpResponse response, string? etag, DateTimeOffset? modified)
    {
        response.Headers.ETag = etag;
        response.Headers.LastModified = modified is { } time ? HeaderUtilities.FormatDate(time) : default;
    }

    private static void WriteProtection(HttpContext context, string name)
    {
        var headers = context.Response.Headers;
        headers.ContentDisposition = ContentDisposition.Format(name, ReadDisposition(context.Request));
        SecurityHeaders.ApplyToFile(headers);
    }

    private static bool ReadDisposition(HttpRequest request) => request.QueryString.HasValue && request.Query["disposition"].ToString() switch
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
