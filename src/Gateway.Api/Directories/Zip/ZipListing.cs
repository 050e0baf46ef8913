using System.IO.Compression;
using System.Runtime.ExceptionServices;
using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Configuration;
using Gateway.Api.Hosting;
using Gateway.Api.Streaming;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Directories.Zip;

/// <summary>
/// A tree as a ZIP archive, streamed: the files are read one after the other on one lease, and nothing is kept but the archive's own list of
/// its entries. Whatever fails after the first byte cuts the exchange off, so that no archive looks whole and is not.
/// </summary>
internal sealed partial class ZipListing(ConnectionBroker broker, TransferMetrics metrics, TimeProvider time, ILogger<ZipListing> logger)
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/zip";

    /// <summary>Each entry takes some 350 bytes of memory until the end.</summary>
    private const int MaxEntries = 500_000;

    private static readonly string[] s_notForArchives = ["limit", "after", "sort", "order", "match", "recursive", "depth"];

    /// <summary>Answers the request.</summary>
    public async Task SendAsync(HttpContext context, ConfiguredBackend backend, PathAccess access)
    {
        var folder = access.Asked;
        if (s_notForArchives.FirstOrDefault(context.Request.Query.ContainsKey) is { } name)
        {
            throw QueryReader.Invalid($"An archive is of the whole tree: the query parameter '{name}' is for listings.");
        }

        var level = QueryReader.ReadChoice(context.Request, "compression", "fastest", "none") == "none" ? CompressionLevel.NoCompression : CompressionLevel.Fastest;
        await using var lease = new SteadyLease(broker, backend.Name);
        var walk = new ZipWalk(lease, access);
        await walk.BeginAsync(context.RequestAborted);
        var response = context.Response;
        response.ContentType = ContentType;
        response.Headers.ContentDisposition = ContentDisposition.Format((folder.IsRoot ? backend.Name : folder.Name) + ".zip");
        SecurityHeaders.ApplyToFile(response.Headers);
        response.Headers.AcceptRanges = "none";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        CopyResult? result = null;
        var progress = metrics.Begin(backend.Name, TransferMetrics.Download);
        try
        {
            using var sink = new ResponseSink(context, backend.StallTimeout, time) { Progress = progress };
            using var copy = new ZipCopy(context, lease, walk, sink, level);
            result = await copy.RunAsync(MaxEntries);
        }
        finally
        {
            metrics.End(progress, result);
            AuditEntry.Find(context)?.Transferred(result);
        }

        switch (result.Value.Outcome)
        {
            case CopyOutcome.CallerStalled:
                LogStalled(LoggedText.Of(context), backend.StallTimeout, result.Value.Bytes, TraceId.Of(context));
                context.Abort();
                break;
            case CopyOutcome.CallerLeft:
                context.Abort();
                break;
            case CopyOutcome.BackendFailed:
                ExceptionDispatchInfo.Throw(result.Value.Failure!);
                break;
        }
    }

    [LoggerMessage(1322, LogLevel.Information, "GET {Target}: the caller took nothing of the archive for {Timeout} after {Bytes} bytes of files and was cut off [{TraceId}]")]
    private partial void LogStalled(string target, TimeSpan timeout, long bytes, string traceId);
}
