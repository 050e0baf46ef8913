using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Broker.Async;
using Gateway.Broker.Backends;

namespace Gateway.Api.Streaming;

/// <summary>
/// Copies a remote file to a response. The backend receives into the response's own memory; nothing is allocated per chunk. A body
/// of known length is held back by its last chunk until the backend has confirmed that the transfer was complete: an end that cannot
/// be proven must not look like one.
/// </summary>
internal static class DownloadCopier
{
    /// <summary>Room for the byte that must not come; what is in it means nothing.</summary>
    private static readonly byte[] s_beyond = new byte[1];

    /// <summary>Copies the selected range.</summary>
    /// <param name="source">The file.</param>
    /// <param name="sink">The response's body.</param>
    /// <param name="length">Bytes to come; null where nobody knows.</param>
    /// <param name="frame">What stands around the bytes; null for nothing.</param>
    /// <param name="head">
    /// Goes out in front of the first byte, and only with it: a failure before that can still be answered with a status.
    /// </param>
    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    public static async ValueTask<CopyResult> CopyAsync(
        RemoteReadStream source, ResponseSink sink, long? length, BodyFrame? frame = null, ReadOnlyMemory<byte> head = default)
    {
        var (destination, aborted) = (sink.Writer, sink.Aborted);

        // Passing on is all there is to do, unless a frame computes something of the bytes.
        source.AllowSynchronousContinuations = frame is null;
        long copied = 0;
        while (true)
        {
            // 1. Room in the response for what the server sends next.
            var start = head.Length + (frame?.HeadLength ?? 0);
            var around = start + (frame?.TailLength ?? 0);
            var room = destination.GetMemory(around + SizeHint(source, sink, length - copied));
            var memory = room[start..^(around - start)];
            if (memory.Length > sink.Piece)
            {
                memory = memory[..sink.Piece];
            }

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
                return new CopyResult(sink.WhyAborted, copied);
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

            head.CopyTo(room);
            frame?.Enclose(room.Span[head.Length..start], memory.Span[..read], room.Span.Slice(start + read, frame.TailLength));
            destination.Advance(around + read);
            head = default;
            copied += read;
            sink.Progress?.Add(read);

            // 4. The caller's turn.
            var outcome = await sink.FlushAsync();
            if (outcome != CopyOutcome.Completed || copied == length)
            {
                return new CopyResult(outcome, copied);
            }
        }
    }

    /// <summary>Copies several ranges, each in its part. All of them are of one content: a file that changes in between ends the copy.</summary>
    public static async ValueTask<CopyResult> CopyPartsAsync(DownloadSource source, ResponseSink sink, MultipartRanges parts)
    {
        long copied = 0;
        for (var part = 0; part < parts.Ranges.Count; part++)
        {
            try
            {
                await source.SelectAsync(parts.Ranges[part], sink.Aborted);
            }
            catch (OperationCanceledException) when (sink.Aborted.IsCancellationRequested)
            {
                return new CopyResult(sink.WhyAborted, copied);
            }
            catch (Exception exception)
            {
                return new CopyResult(CopyOutcome.BackendFailed, copied, exception);
            }

            var result = await CopyAsync(source.Stream, sink, parts.Ranges[part].Length, head: parts.Head(part));
            copied += result.Bytes;
            if (result.Outcome != CopyOutcome.Completed)
            {
                return result with { Bytes = copied };
            }
        }

        sink.Writer.Write(parts.End);
        return new CopyResult(await sink.FlushAsync(), copied);
    }

    /// <summary>As much as the driver can receive in place, but no more than is left: a small file takes a small buffer.</summary>
    private static int SizeHint(RemoteReadStream source, ResponseSink sink, long? left) =>
        (int)Math.Clamp(left ?? long.MaxValue, 1, Math.Min(source.PreferredReadSize, sink.Piece));

    private static async ValueTask ConfirmEndAsync(RemoteReadStream source, CancellationToken aborted)
    {
        if (await source.ReadAsync(s_beyond, aborted) != 0)
        {
            throw WrongLength();
        }
    }

    /// <summary>The failure of a file that is not as long as it was announced.</summary>
    public static BackendException WrongLength() => new(
        BackendError.ProtocolError, "The server sent another number of bytes than it announced; the file may have changed meanwhile.");
}
