using System.Globalization;
using System.Runtime.ExceptionServices;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Files;

/// <summary><c>PUT</c> of a file.</summary>
internal sealed partial class UploadHandler(
    CurrentSettings settings,
    ConnectionBroker broker,
    TargetConditions conditions,
    UploadCopier copier,
    TransferMetrics metrics,
    ListingCache listings,
    TimeProvider time,
    ILogger<UploadHandler> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        // 1. Everything that can be refused is refused before the first read: only that sends 100 Continue.
        var (backend, path) = BackendRequest.ReadForWriting(context, settings);
        if (path.IsRoot)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "The root is a folder; name a file in it.");
        }

        var options = ReadOptions(context.Request, backend);
        if (options.Overwrite)
        {
            await conditions.RequireAsync(context, backend, path);
        }

        LiftLimits(context);

        // 2. The temporary file beside the target.
        Task<BackendException>? broken = null;
        await using var opened = await OpenAsync(backend, path, options, connection => broken = connection.Broken, context.RequestAborted);

        // 3. The body.
        var result = await CopyAsync(context, backend, opened.Value, broken!);
        if (!MayCommit(context, backend, result))
        {
            return;
        }

        // 4. The name. The caller has sent everything: that it may have left by now changes nothing, and a commit cut off half-way
        // would leave nobody knowing whether it happened.
        var commit = await CommitAsync(opened.Value, context.Request);
        listings.Invalidate(backend, path.Parent);
        WriteResult(context, backend, path, commit);
    }

    private static WriteOptions ReadOptions(HttpRequest request, ConfiguredBackend backend)
    {
        if (request.Headers.ContentRange.Count > 0)
        {
            // RFC 9110 section 14.5: taken for a whole body it would destroy the rest of the file.
            throw new ProblemException(ProblemTypes.InvalidRequest, "Content-Range is not supported on PUT; send the whole file.");
        }

        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ProblemTypes.UnsupportedMediaType, "Content-Encoding is not supported on PUT; send the file's own bytes.");
        }

        if (request.ContentLength > backend.MaxUploadBytes)
        {
            throw TooLarge(backend);
        }

        return new WriteOptions
        {
            Overwrite = !Preconditions.IsCreateOnly(request.Headers),
            ExpectedLength = request.ContentLength,
            Modified = ReadModified(request),
        };
    }

    /// <summary>The file's own time, where the caller tells it: <c>X-Modified</c>, or <c>Last-Modified</c> as HTTP writes it.</summary>
    private static DateTimeOffset? ReadModified(HttpRequest request)
    {
        var text = request.Headers["X-Modified"] is { Count: > 0 } own ? own.ToString() : request.Headers.LastModified.ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return HeaderUtilities.TryParseDate(text, out var date)
            || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date)
            ? date
            : throw new ProblemException(ProblemTypes.InvalidRequest, "X-Modified and Last-Modified are dates: 2025-01-31T12:00:00Z, or as HTTP writes them.");
    }

    /// <summary>The rate limit of Kestrel also strikes when the backend is slow; the stall timeout tells the two apart.</summary>
    private static void LiftLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private async Task<Leased<RemoteWriteStream>> OpenAsync(
        ConfiguredBackend backend, RemotePath path, WriteOptions options, Action<BackendConnection> onConnection, CancellationToken aborted)
    {
        try
        {
            return await broker.OpenAsync(
                backend.Name,
                (connection, token) =>
                {
                    onConnection(connection);
                    return connection.OpenWriteAsync(path, options, token);
                },
                aborted);
        }
        catch (BackendException exception) when (exception.Error == BackendError.AlreadyExists && !options.Overwrite)
        {
            throw Exists();
        }
    }

    private async ValueTask<CopyResult> CopyAsync(
        HttpContext context, ConfiguredBackend backend, RemoteWriteStream upload, Task<BackendException> broken)
    {
        CopyResult? result = null;
        var progress = metrics.Begin(backend.Name, TransferMetrics.Upload);
        try
        {
            var options = new UploadCopyOptions(backend.StallTimeout, backend.MaxUploadBytes, broken);
            result = await copier.CopyAsync(context.Request.BodyReader, upload, options, progress, context.RequestAborted);
            return result.Value;
        }
        finally
        {
            metrics.End(backend.Name, TransferMetrics.Upload, progress, result);
        }
    }

    private bool MayCommit(HttpContext context, ConfiguredBackend backend, CopyResult result)
    {
        switch (result.Outcome)
        {
            case CopyOutcome.Completed when context.Request.ContentLength is not { } announced || announced == result.Bytes:
                return true;
            case CopyOutcome.Completed:
                throw new ProblemException(ProblemTypes.InvalidRequest, "The body is not as long as Content-Length announced; nothing was changed.");
            case CopyOutcome.TooLarge:
                throw TooLarge(backend);
            case CopyOutcome.CallerStalled:
                throw new ProblemException(
                    ProblemTypes.RequestTimeout, $"Nothing of the body arrived for {backend.StallTimeout:c} (Transfers:StallTimeout); the upload was abandoned.");
            case CopyOutcome.BackendFailed:
                ExceptionDispatchInfo.Throw(result.Failure!);
                return false;
            default:
                LogLeft(LoggedText.Of(context), result.Bytes, TraceId.Of(context));
                context.Abort();
                return false;
        }
    }

    private static async Task<CommitResult> CommitAsync(RemoteWriteStream upload, HttpRequest request)
    {
        try
        {
            return await upload.CommitAsync(CancellationToken.None);
        }
        catch (BackendException exception)
            when (exception.Error == BackendError.AlreadyExists && Preconditions.IsCreateOnly(request.Headers))
        {
            throw Exists();
        }
    }

    private void WriteResult(HttpContext context, ConfiguredBackend backend, RemotePath path, CommitResult commit)
    {
        var response = context.Response;
        response.StatusCode = commit.Created ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        response.Headers.Location = ResourceUrl.Of(context.Request, backend.Name, "files", path);
        response.Headers.ETag = EntryTag.Format(backend.Name, path, commit.Entry, time.GetUtcNow());
        response.Headers.LastModified = commit.Entry is { IsModifiedApproximate: false, Modified: { } modified } ? HeaderUtilities.FormatDate(modified) : default;
    }

    private static ProblemException TooLarge(ConfiguredBackend backend) => new(
        ProblemTypes.ContentTooLarge, $"The backend '{backend.Name}' takes files of at most {backend.MaxUploadBytes} bytes (Transfers:MaxUploadBytes).");

    private static ProblemException Exists() => new(ProblemTypes.PreconditionFailed, "The file exists, and If-None-Match: * asked to create only.");

    [LoggerMessage(1310, LogLevel.Information, "PUT {Target}: the caller left after {Bytes} bytes; the upload was abandoned [{TraceId}]")]
    private partial void LogLeft(string target, long bytes, string traceId);
}
