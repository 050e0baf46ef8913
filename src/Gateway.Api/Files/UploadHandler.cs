using System.Runtime.ExceptionServices;
using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Limits;
using Gateway.Api.Links;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Api.Files;

/// <summary><c>PUT</c> of a file.</summary>
internal sealed partial class UploadHandler(
    CurrentSettings settings, TargetConditions conditions, FileUploader uploader, TimeProvider time, ILogger<UploadHandler> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        // 1. Everything that can be refused is refused before the first read: only that sends 100 Continue. The limits go first, so that
        // a refusal finds time to reach a caller that sends already.
        UploadLimits.Lift(context);
        var (backend, path) = BackendRequest.ReadForWriting(context, settings);
        if (path.IsRoot)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "The root is a folder; name a file in it.");
        }

        var request = context.Request;
        RefuseOddContent(request.Headers);
        using var digests = BodyDigests.Read(request);
        var isCreateOnly = Preconditions.IsCreateOnly(request.Headers);
        var isConditional = Preconditions.ArePresent(request.Headers) && (!isCreateOnly || request.Headers.IfMatch.Count > 0);
        var upload = new FileUpload(backend, path, new WriteOptions
        {
            Overwrite = !isCreateOnly,
            MayReplace = isConditional ? entry => conditions.Hold(request, backend, path, entry) : null,
            ExpectedLength = request.ContentLength,
            Modified = ModifiedHeader.Read(request.Headers),
        })
        {
            Access = CallerAccess.Of(context).Target,
            CreatesParents = QueryReader.ReadFlag(request, "parents"),
            Audit = AuditEntry.Find(context),
            LinkLimit = LinkGrant.FindMaxBytes(context),
            Digests = digests,
            Pace = TransferPace.Of(context),
        };
        if (isConditional)
        {
            await conditions.RequireAsync(context, backend, path);
        }

        // 2. The file.
        FileUploadResult result;
        try
        {
            result = await uploader.RunAsync(upload, request.BodyReader, request.ContentLength, context.RequestAborted);
        }
        catch (BackendException exception) when (exception.Error == BackendError.AlreadyExists && isCreateOnly)
        {
            throw new ProblemException(ProblemTypes.PreconditionFailed, "The file exists, and If-None-Match: * asked to create only.");
        }

        if (result.Copy.Outcome == CopyOutcome.CallerLeft)
        {
            if (result.Copy.Failure is BadHttpRequestException malformed && request.ContentLength is null && !context.RequestAborted.IsCancellationRequested)
            {
                // Still there, to be told what was wrong with the framing of its body. (One of known length can only be too short.)
                ExceptionDispatchInfo.Throw(malformed);
            }

            LogLeft(LoggedText.Of(context), result.Copy.Bytes, TraceId.Of(context));
            EndConnection(context);
            return;
        }

        // 3. The answer.
        FileResponse.Write(context, backend.Name, path, result.Commit, time.GetUtcNow());
        context.Response.Headers["Repr-Digest"] = digests?.FormatWanted();
    }

    /// <summary>
    /// What a caller that left had sent of a packet is still unread. Kestrel would look behind it for another request, and warn that a
    /// read is under way already: it is told first that there will be none.
    /// </summary>
    private static void EndConnection(HttpContext context)
    {
        if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.FindFeature<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        context.Abort();
    }

    private static void RefuseOddContent(IHeaderDictionary headers)
    {
        if (headers.ContentRange.Count > 0)
        {
            // RFC 9110 section 14.5: taken for a whole body it would destroy the rest of the file.
            throw new ProblemException(ProblemTypes.InvalidRequest, "Content-Range is not supported on PUT; send the whole file.");
        }

        if (headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ProblemTypes.UnsupportedMediaType, "Content-Encoding is not supported on PUT; send the file's own bytes.");
        }
    }

    [LoggerMessage(1310, LogLevel.Information, "PUT {Target}: the caller left after {Bytes} bytes; the upload was abandoned [{TraceId}]")]
    private partial void LogLeft(string target, long bytes, string traceId);
}
