using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Files;

/// <summary>Turns a body into a file: into a temporary file beside the target, which gets the name when everything is right with it.</summary>
internal sealed class FileUploader(ConnectionBroker broker, UploadCopier copier, TransferMetrics metrics, ListingCache listings)
{
    /// <summary>Nothing is read of <paramref name="body"/> before the server has taken the upload: only reading sends 100 Continue.</summary>
    /// <param name="upload">What is to be done.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="announced">Their number, where the caller told it.</param>
    /// <param name="aborted">Fires when the caller leaves.</param>
    /// <exception cref="ProblemException">The body is too large, stalled, or not the one that was announced; nothing was changed.</exception>
    /// <exception cref="BackendException">The backend failed; nothing was changed.</exception>
    public async Task<FileUploadResult> RunAsync(FileUpload upload, PipeReader body, long? announced, CancellationToken aborted)
    {
        if (announced > upload.MaxBytes)
        {
            throw TooLarge(upload);
        }

        // 1. The temporary file beside the target.
        Task<BackendException>? broken = null;
        await using var opened = await OpenAsync(upload, connection => broken = connection.Broken, aborted);

        // 2. The body.
        var copy = await CopyAsync(upload, body, opened.Value, broken!, aborted);
        if (!IsWhole(upload, copy, announced))
        {
            return new FileUploadResult(copy, default);
        }

        upload.Digests?.Verify();

        // 3. The name. The right to it may have been taken away while the body came.
        upload.Access.Require(upload.Path, GrantVerb.Write);

        // The caller has sent everything: that it may have left by now changes nothing, and a commit cut off half-way
        // would leave nobody knowing whether it happened.
        try
        {
            return new FileUploadResult(copy, await opened.Value.CommitAsync(CancellationToken.None));
        }
        finally
        {
            // Also after a failure: an answer that got lost may have been a success.
            listings.Invalidate(upload.Backend, upload.Path.Parent);
        }
    }

    private async Task<Leased<RemoteWriteStream>> OpenAsync(FileUpload upload, Action<BackendConnection> onConnection, CancellationToken aborted)
    {
        try
        {
            return await broker.OpenWriteAsync(
                upload.Backend.Name,
                (connection, token) =>
                {
                    onConnection(connection);
                    return upload.CreatesParents ? OpenWithParentsAsync(connection, upload, token) : connection.OpenWriteAsync(upload.Path, upload.Options, token);
                },
                upload.Options.ExpectedLength,
                aborted);
        }
        catch (BackendException exception) when (exception.Error == BackendError.NotFound && !upload.CreatesParents)
        {
            throw new BackendException(exception.Error, exception.Message + " Create it first, or ask for that with ?parents=true.", exception)
            {
                Path = exception.Path,
                Diagnostic = exception.Diagnostic,
            };
        }
        finally
        {
            if (upload.CreatesParents)
            {
                listings.InvalidateAll(upload.Backend);
            }
        }
    }

    private static async ValueTask<RemoteWriteStream> OpenWithParentsAsync(BackendConnection connection, FileUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.OpenWriteAsync(upload.Path, upload.Options, cancellationToken);
        }
        catch (BackendException exception) when (exception.Error == BackendError.NotFound)
        {
            await DirectoryCreation.EnsureAsync(connection, upload.Path.Parent, upload.Access, cancellationToken);
            return await connection.OpenWriteAsync(upload.Path, upload.Options, cancellationToken);
        }
    }

    private async ValueTask<CopyResult> CopyAsync(
        FileUpload upload, PipeReader body, RemoteWriteStream destination, Task<BackendException> broken, CancellationToken aborted)
    {
        CopyResult? result = null;
        var progress = metrics.Begin(upload.Backend.Name, TransferMetrics.Upload);
        try
        {
            var options = new UploadCopyOptions(upload.Backend.StallTimeout, upload.MaxBytes, broken) { Digests = upload.Digests, Pace = upload.Pace };
            result = await copier.CopyAsync(body, destination, options, progress, aborted);
            return result.Value;
        }
        finally
        {
            metrics.End(progress, result);
            upload.Audit?.Transferred(result);
        }
    }

    private static bool IsWhole(FileUpload upload, CopyResult copy, long? announced)
    {
        switch (copy.Outcome)
        {
            case CopyOutcome.Completed when announced is null || announced == copy.Bytes:
                return true;
            case CopyOutcome.Completed:
                throw new ProblemException(ProblemTypes.InvalidRequest, "The body is not as long as Content-Length announced; nothing was changed.");
            case CopyOutcome.TooLarge:
                throw TooLarge(upload);
            case CopyOutcome.CallerStalled:
                throw new ProblemException(
                    ProblemTypes.RequestTimeout,
                    $"Nothing of the body arrived for {upload.Backend.StallTimeout:c} (Transfers:StallTimeout), or so little of it that it would never end; the upload was abandoned.");
            case CopyOutcome.BackendFailed:
                ExceptionDispatchInfo.Throw(copy.Failure!);
                return false;
            default:
                return false;
        }
    }

    private static ProblemException TooLarge(FileUpload upload) => new(
        ProblemTypes.ContentTooLarge,
        upload.MaxBytes == upload.Backend.MaxUploadBytes
            ? $"The backend '{upload.Backend.Name}' takes files of at most {upload.MaxBytes} bytes (Transfers:MaxUploadBytes)."
            : $"The link takes a file of at most {upload.MaxBytes} bytes.");
}
