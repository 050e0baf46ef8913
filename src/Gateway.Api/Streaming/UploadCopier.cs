using System.IO.Pipelines;
using Gateway.Broker.Backends;

namespace Gateway.Api.Streaming;

/// <summary>Copies a request's body to a remote file, in packets of the server's size. Nothing is allocated per chunk.</summary>
/// <param name="time">The clock.</param>
internal sealed class UploadCopier(TimeProvider time)
{
    /// <summary>A part of what Kestrel reads ahead of a body (<c>KestrelSetup</c>): waiting for all of it would make the caller and the backend take turns.</summary>
    private const int MaxCollected = 256 * 1024;

    /// <summary>Bytes a second that the caller owes while it is waited for: as many as Kestrel asks of smaller bodies.</summary>
    private const int LeastRate = 240;

    /// <summary>Copies the whole body. It does not commit.</summary>
    /// <param name="source">The request's body.</param>
    /// <param name="destination">The upload.</param>
    /// <param name="options">Limits and what to watch meanwhile.</param>
    /// <param name="progress">Counts the bytes.</param>
    /// <param name="aborted">Fires when the caller leaves.</param>
    public async ValueTask<CopyResult> CopyAsync(
        PipeReader source, RemoteWriteStream destination, UploadCopyOptions options, TransferProgress progress, CancellationToken aborted)
    {
        using var watch = new StallWatch(time, options.StallTimeout, source.CancelPendingRead, LeastRate);

        // A connection that dies while the caller is slow is told at once, not with the caller's next byte.
        watch.WatchConnection(options.Broken);
        long copied = 0;
        while (true)
        {
            // 1. The caller's turn.
            ReadResult result;
            try
            {
                var read = source.ReadAsync(aborted);
                if (read.IsCompleted)
                {
                    result = await read;
                }
                else
                {
                    watch.Start();
                    result = await read;
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // A body that ends too early, or whose framing is wrong, comes here as well: the caller's doing in any case.
                return new CopyResult(CopyOutcome.CallerLeft, copied, exception);
            }

            if (result.IsCanceled)
            {
                source.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (options.Broken.IsCompleted)
                {
                    return new CopyResult(CopyOutcome.BackendFailed, copied, (await options.Broken).Copy());
                }

                if (watch.HasStalled)
                {
                    return new CopyResult(CopyOutcome.CallerStalled, copied);
                }

                continue;
            }

            watch.Stop(copied + result.Buffer.Length);

            // 2. Whole packets, unless this is the end: a remainder would be a small write of its own, with an answer of its own.
            var buffer = result.Buffer;
            var most = options.Pace?.Piece ?? int.MaxValue;
            if (buffer.Length > most)
            {
                buffer = buffer.Slice(0, most);
            }

            var isEnd = result.IsCompleted && buffer.Length == result.Buffer.Length;
            var packet = Math.Clamp(destination.PreferredWriteSize, 1, Math.Min(most, MaxCollected));
            if (!isEnd)
            {
                buffer = buffer.Slice(0, buffer.Length - (buffer.Length % packet));
                if (buffer.IsEmpty)
                {
                    source.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }
            }

            if (copied + buffer.Length > options.MaxBytes)
            {
                source.AdvanceTo(buffer.Start, buffer.End);
                return new CopyResult(CopyOutcome.TooLarge, copied);
            }

            // 3. The backend's turn.
            try
            {
                if (!buffer.IsEmpty)
                {
                    await destination.WriteAsync(buffer, aborted);
                }
            }
            catch (OperationCanceledException) when (aborted.IsCancellationRequested)
            {
                source.AdvanceTo(buffer.Start, buffer.End);
                return new CopyResult(CopyOutcome.CallerLeft, copied);
            }
            catch (Exception exception)
            {
                source.AdvanceTo(buffer.Start, buffer.End);
                return new CopyResult(CopyOutcome.BackendFailed, copied, exception);
            }

            // (Once it is passed on, the buffer is not even to be measured: its blocks serve the next bytes.)
            var length = buffer.Length;
            options.Digests?.Append(buffer);
            copied += length;
            progress.Add(length);
            source.AdvanceTo(buffer.End);
            if (isEnd)
            {
                return new CopyResult(CopyOutcome.Completed, copied);
            }

            // 4. Whoever is too fast: the rest of the body waits in its connection.
            if (options.Pace is { } pace)
            {
                await pace.TakeAsync(length, aborted);
            }
        }
    }
}
