using System.Runtime.ExceptionServices;
using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
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
    CurrentSettings settings, ConnectionBroker broker, LinkPage links, TransferMetrics metrics, TimeProvider time, ILogger<DownloadHandler> logger)
{
    private static readonly FileExtensionContentTypeProvider s_contentTypes = new();

    public async Task HandleAsync(HttpContext context)
    {
        var (backend, path) = BackendRequest.Read(context, settings);
        var access = CallerAccess.Of(context);
        if (LinkPage.IsWanted(context.Request) && access.Allows(backend.Name, path, GrantVerb.List) && await TrySendLinksAsync(context, access, backend, path))
        {
            return;
        }

        await access.RequireAsync(backend.Name, path, GrantVerb.Read, follows: true, context.RequestAborted);

        if (path.IsRoot)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "The root is a folder; its content is at …/directories/.");
        }

        // 1. Open. HEAD does so too: it must fail where GET would.
        await using var source = await DownloadSource.OpenAsync(broker, backend.Name, path, context.RequestAborted);
        var file = source.Entry;
        if (file.Type == RemoteEntryType.Directory)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "This is a folder; its content is at …/directories/.");
        }

        // 2. What the caller has already, or knows of it.
        var tag = EntryTag.Of(backend.Name, path, file, time.GetUtcNow());
        var modified = file.ExactModified;
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
        var contentType = s_contentTypes.TryGetContentType(path.Name, out var type) ? type : "application/octet-stream";
        var body = DownloadBody.Choose(context.Request, file, tag, modified, contentType);
        body.Describe(context.Response, file, contentType);
        WriteProtection(context, path);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        // 4. The body.
        var result = await CopyAsync(context, backend, source, body);
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

    private async ValueTask<CopyResult> CopyAsync(HttpContext context, ConfiguredBackend backend, DownloadSource source, DownloadBody body)
    {
        CopyResult? result = null;
        var progress = metrics.Begin(backend.Name, TransferMetrics.Download);
        using var sink = new ResponseSink(context, backend.StallTimeout, time) { Progress = progress };
        using var digest = body.IsWhole ? ReprDigest.Begin(context) : null;
        try
        {
            if (body.Parts is { } parts)
            {
                result = await DownloadCopier.CopyPartsAsync(source, sink, parts);
            }
            else
            {
                if (body.Range is { } range)
                {
                    await source.SelectAsync(range, context.RequestAborted);
                }

                result = await DownloadCopier.CopyAsync(source.Stream, sink, body.Length, digest);
            }

            if (digest is not null && result is { Outcome: CopyOutcome.Completed } completed)
            {
                digest.End();
                result = completed with { Outcome = await sink.FlushAsync() };
            }

            return result.Value;
        }
        finally
        {
            metrics.End(backend.Name, TransferMetrics.Download, progress, result);
            AuditEntry.Find(context)?.Transferred(result);
        }
    }

    private static void WriteValidators(HttpResponse response, EntityTagHeaderValue? tag, DateTimeOffset? modified)
    {
        response.Headers.ETag = tag?.ToString();
        response.Headers.LastModified = modified is { } time ? HeaderUtilities.FormatDate(time) : default;
    }

    private static void WriteProtection(HttpContext context, RemotePath path)
    {
        var headers = context.Response.Headers;
        headers.ContentDisposition = ContentDisposition.Format(path.Name, ReadDisposition(context.Request));
        SecurityHeaders.ApplyToFile(headers);
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
