using System.Buffers;
using Gateway.Api.Streaming;

namespace Gateway.Api.Directories.Zip;

/// <summary>
/// The response as the stream that an archive is written to. What the archive writes synchronously, a few bytes for each entry, is only laid
/// into the response's memory; everything else is sent by the piece. Once the exchange has gone wrong nothing more is taken, so that an
/// archive that is closed for tidiness does not get an end.
/// </summary>
internal sealed class ZipOutput(ResponseSink sink) : Stream
{
    private const int FlushAt = 64 * 1024;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>How sending went so far.</summary>
    public CopyOutcome Outcome { get; private set; } = CopyOutcome.Completed;

    /// <summary>The backend failed: takes nothing more.</summary>
    public void Refuse() => Outcome = Outcome == CopyOutcome.Completed ? CopyOutcome.BackendFailed : Outcome;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Outcome == CopyOutcome.Completed)
        {
            sink.Writer.Write(buffer);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Outcome != CopyOutcome.Completed)
        {
            return;
        }

        Write(buffer.Span);
        if (sink.Writer.UnflushedBytes >= FlushAt)
        {
            await SendAsync();
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
        // Sent with the next piece, or at the end: nothing here may wait for the caller synchronously.
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Sends what was written.</summary>
    /// <exception cref="OperationCanceledException">The caller left, or was cut off; <see cref="Outcome"/> tells.</exception>
    public async ValueTask SendAsync()
    {
        if (Outcome == CopyOutcome.Completed)
        {
            Outcome = await sink.FlushAsync();
        }

        if (Outcome != CopyOutcome.Completed)
        {
            throw new OperationCanceledException(sink.Aborted);
        }
    }
}
