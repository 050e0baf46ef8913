using System.IO.Pipelines;
using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;
using Gateway.Api.Limits;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Forms;

/// <summary>
/// <c>POST</c> of a form to a folder. Each file is an upload of its own, streamed as it arrives: a temporary file, a commit, a lease that
/// is not held while the next part is awaited. The first failure ends the form; what was stored before stays, and is told.
/// </summary>
internal sealed partial class FormHandler(
    CurrentSettings settings, ConnectionBroker broker, FormOrigin origin, FileUploader uploader, TimeProvider time, ILogger<FormHandler> logger)
{
    private const int BufferSize = 64 * 1024;

    public async Task HandleAsync(HttpContext context)
    {
        // Refusals come before the first read: only that sends 100 Continue.
        UploadLimits.Lift(context);
        var (backend, folder) = BackendRequest.ReadForWriting(context, settings);
        await origin.RequireAsync(context);
        var createsParents = QueryReader.ReadFlag(context.Request, "parents");
        var overwrites = QueryReader.ReadChoice(context.Request, "overwrite", "true", "false") == "true";
        var form = new FormReader(context.Request, backend.StallTimeout, time);
        if (!createsParents)
        {
            await RequireFolderAsync(backend, folder, context.RequestAborted);
        }

        var stored = new List<FormFileDocument>();
        RemotePath? current = null;
        try
        {
            var seen = new HashSet<RemotePath>();
            while (await form.ReadFileAsync(context.RequestAborted) is { } part)
            {
                current = null;
                var path = FormFileName.Locate(folder, part.Name);
                current = path;
                if (!seen.Add(path))
                {
                    throw new ProblemException(ProblemTypes.AlreadyExists, "The form has two files of this name.");
                }

                using var digests = BodyDigests.Read(part.Section.Headers ?? []);
                var upload = new FileUpload(backend, path, new WriteOptions { Overwrite = overwrites })
                {
                    Access = await CallerAccess.Of(context).RequireAsync(backend.Name, path, GrantVerb.Write, follows: true, context.RequestAborted),
                    CreatesParents = createsParents,
                    Audit = AuditEntry.Find(context)?.Begin(path),
                    Digests = digests,
                    Pace = TransferPace.Of(context),
                };
                if (await StoreAndTellAsync(context, upload, part, stored.Count) is not { } commit)
                {
                    return;
                }

                stored.Add(Describe(context, backend, path, part, commit));
                current = null;
            }

            if (stored.Count == 0)
            {
                throw new ProblemException(ProblemTypes.InvalidRequest, "The form has no file: none of its parts has a filename.");
            }
        }
        catch (Exception exception) when (exception is ProblemException or BackendException or BadHttpRequestException)
        {
            throw new FormException(exception, current, stored);
        }

        await AnswerAsync(context, backend, folder, stored);
    }

    private async ValueTask RequireFolderAsync(ConfiguredBackend backend, RemotePath folder, CancellationToken cancellationToken)
    {
        RemoteEntry entry;
        try
        {
            entry = await broker.RunAsync(backend.Name, (connection, token) => connection.GetEntryAsync(folder, followSymlink: true, token), cancellationToken);
        }
        catch (BackendException exception) when (exception.Error == BackendError.NotFound)
        {
            throw new BackendException(exception.Error, "The folder does not exist. Create it first, or ask for that with ?parents=true.", exception) { Path = folder };
        }

        if (entry.Type != RemoteEntryType.Directory)
        {
            throw new ProblemException(ProblemTypes.NotADirectory, "This is not a folder, and so can hold no files.");
        }
    }

    /// <summary>Each file gets its line in the audit, as if it had come by itself.</summary>
    private async Task<CommitResult?> StoreAndTellAsync(HttpContext context, FileUpload upload, FormPart part, int stored)
    {
        try
        {
            var commit = await StoreAsync(context, upload, part, stored);
            upload.Audit?.End(context, failure: null);
            AuditEntry.Find(context)?.Stored(upload.Audit!, isWhole: commit is not null);
            return commit;
        }
        catch (Exception exception)
        {
            upload.Audit?.End(context, exception);
            AuditEntry.Find(context)?.Stored(upload.Audit!, isWhole: false);
            throw;
        }
    }

    /// <returns>Null where the caller has left.</returns>
    private async Task<CommitResult?> StoreAsync(HttpContext context, FileUpload upload, FormPart part, int stored)
    {
        var body = PipeReader.Create(part.Section.Body, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true));
        try
        {
            var result = await uploader.RunAsync(upload, body, announced: null, context.RequestAborted);
            if (result.Copy.Outcome != CopyOutcome.CallerLeft)
            {
                return result.Commit;
            }

            if (!context.RequestAborted.IsCancellationRequested && FormReader.IsMalformed(result.Copy.Failure))
            {
                throw FormReader.Malformed();
            }

            LogLeft(LoggedText.Of(context), stored, TraceId.Of(context));
            context.Abort();
            return null;
        }
        finally
        {
            await body.CompleteAsync();
        }
    }

    private FormFileDocument Describe(HttpContext context, ConfiguredBackend backend, RemotePath path, FormPart part, in CommitResult commit) => new()
    {
        Field = part.Field,
        Path = path.Value,
        Outcome = commit.Created ? FormOutcome.Created : FormOutcome.Replaced,
        Size = commit.Entry.Size ?? 0,
        Etag = EntryTag.Format(backend.Name, path, commit.Entry, time.GetUtcNow()),
        Location = ResourceUrl.Of(context.Request, backend.Name, "files", path),
    };

    private static Task AnswerAsync(HttpContext context, ConfiguredBackend backend, RemotePath folder, List<FormFileDocument> stored)
    {
        context.Response.StatusCode = stored.Exists(file => file.Outcome == FormOutcome.Created) ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        context.Response.Headers.Location = stored is [var only] ? only.Location : ResourceUrl.Of(context.Request, backend.Name, "directories", folder);
        context.Response.Headers.CacheControl = "no-store";
        var document = new FormDocument { Backend = backend.Name, Path = folder.Value, Files = stored };
        return JsonResponse.WriteAsync(context, document, GatewayJson.Documents.FormDocument);
    }

    [LoggerMessage(1350, LogLevel.Information, "POST {Target}: the caller left in the middle of a form; {Stored} files of it are stored [{TraceId}]")]
    private partial void LogLeft(string target, int stored, string traceId);
}
