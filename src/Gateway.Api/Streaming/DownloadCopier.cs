using System.IO.Pipelines;
using Gateway.Broker.Backends;

namespace Gateway.Api.Streaming;

/// <summary>
/// Copies a remote file to a response. The backend receives into the response's own memory; nothing is allocated per chunk. A body
/// of known length is held back by its last chunk until the backend has confirmed that the transfer was complete: an end that cannot
/// be proven must not look like one.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class DownloadCopier(TimeProvider time)
{
    /// <summary>Copies the selected range.</summary>
    /// <param name="source">The file.</param>
    /// <param name="destination">The response's body.</param>
    /// <param name="length">Bytes to come; null where nobody knows.</param>
    /// <param name="stallTimeout">The longest wait for the caller.</param>
    /// <param name="abort">Cuts the caller off, as Kestrel's flush can be ended in no other way; fires <paramref name="aborted"/>.</param>
    /// <param name="aborted">Fires when the caller leaves.</param>
    public async ValueTask<CopyResult> CopyAsync(
        RemoteReadStream source, PipeWriter destination, long? length, TimeSpan stallTimeout, Action abort, CancellationToken aborted)
    {
        using var watch = new StallWatch(time, stallTimeout, abort);
        long copied = 0;
        while (true)
        {
            // 1. Room in the response for what the server sends next.
            var memory = destination.GetMemory(SizeHint(source, length - copied));

            // 2. The backend's turn. The memory is the driver's until the read has ended.
            int read;
            try
            {
                read = await source.ReadAsync(memory, aborted);

                // 3. The last bytes: only a read that finds the end proves that they were.
                if (read > 0 && copied + read == length)
                {
                    await ConfirmEndAsync(source, aborted);
                }
            }
            catch (OperationCanceledException) when (aborted.IsCancellationRequested)
            {
                return new CopyResult(CopyOutcome.CallerLeft, copied);
            }
            catch (Exception exception)
            {
                return new CopyResult(CopyOutcome.BackendFailed, copied, exception);
            }

            if (read == 0 || copied + read > length)
            {
                return copied + read == (length ?? copied)
                    ? new CopyResult(CopyOutcome.Completed, copied)
                    : new CopyResult(CopyOutcome.BackendFailed, copied, WrongLength());
            }

            destination.Advance(read);
            copied += read;

            // 4. The caller's turn.
            var outcome = await FlushAsync(destination, watch, aborted);
            if (outcome != CopyOutcome.Completed || copied == length)
            {
                return new CopyResult(outcome, copied);
            }
        }
    }

    /// <summary>As much as the driver can receive in place, but no more than is left: a small file takes a small buffer.</summary>
    private static int SizeHint(RemoteReadStream source, long? left) =>
        left is { } bytes ? (int)Math.Clamp(bytes, 1, source.PreferredReadSize) : source.PreferredReadSize;

    private static async ValueTask ConfirmEndAsync(RemoteReadStream source, CancellationToken aborted)
    {
        if (await source.ReadAsync(new byte[1], aborted) != 0)
        {
            throw WrongLength();
        }
    }

    private static async ValueTask<CopyOutcome> FlushAsync(PipeWriter destination, StallWatch watch, CancellationToken aborted)
    {
        try
        {
            FlushResult result;
            var flush = destination.FlushAsync(aborted);
            if (flush.IsCompleted)
            {
                result = await flush;
            }
            else
            {
                watch.Start();
                result = await flush;
                watch.Stop();
            }

            // Kestrel swallows what is written after the caller has left, and only says so here.
            if (!result.IsCompleted && !aborted.IsCancellationRequested)
            {
                return CopyOutcome.Completed;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The same, while it was waited for.
        }

        return watch.HasStalled ? CopyOutcome.CallerStalled : CopyOutcome.CallerLeft;
    }

    private static BackendException WrongLength() => new(
        BackendError.ProtocolError, "The server sent another number of bytes than it announced; the file may have changed meanwhile.");
}
