using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Gateway.Api.Limits;
using Gateway.Broker.Async;

namespace Gateway.Api.Streaming;

/// <summary>The body of a response, and the wait for a caller that takes it slowly, or not at all. One for a whole response.</summary>
internal sealed class ResponseSink : IDisposable
{
    private readonly HttpContext _context;
    private readonly TransferPace? _pace;
    private readonly TimeSpan _stallTimeout;
    private readonly TimeProvider _time;
    private StallWatch? _watch;

    /// <param name="context">The exchange.</param>
    /// <param name="stallTimeout">The longest wait for the caller; then it is cut off, as Kestrel's flush can be ended in no other way.</param>
    /// <param name="time">The clock.</param>
    public ResponseSink(HttpContext context, TimeSpan stallTimeout, TimeProvider time)
    {
        _context = context;
        Aborted = context.RequestAborted;
        _pace = TransferPace.Of(context);
        _stallTimeout = stallTimeout;
        _time = time;
    }

    /// <summary>The most that a piece of a transfer should have, in bytes.</summary>
    public int Piece => _pace?.Piece ?? int.MaxValue;

    /// <summary>Counts the bytes of files that are copied here; null where nobody asked.</summary>
    public TransferProgress? Progress { get; init; }

    /// <summary>Where the bytes go.</summary>
    public PipeWriter Writer => _context.Response.BodyWriter;

    /// <summary>Fires when the caller leaves, or is cut off.</summary>
    public CancellationToken Aborted { get; }

    /// <summary>Whose fault it was that the exchange ended early: the caller left, or was cut off because it took nothing.</summary>
    public CopyOutcome WhyAborted => _watch is { HasStalled: true } or { HasFired: true } ? CopyOutcome.CallerStalled : CopyOutcome.CallerLeft;

    /// <summary>Sends what was written. Never throws.</summary>
    /// <returns><see cref="CopyOutcome.Completed"/>, or whose fault it was that it could not be sent.</returns>
    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    public async ValueTask<CopyOutcome> FlushAsync()
    {
        try
        {
            var bytes = _pace is null ? 0 : Writer.UnflushedBytes;
            var flush = Writer.FlushAsync(Aborted);
            var waits = !flush.IsCompleted;
            if (waits)
            {
                // Made when the caller has to be waited for at all: small files never need one.
                _watch ??= new StallWatch(_time, _stallTimeout, _context.Abort);
                _watch.Start();
            }

            var result = await flush;

            // Kestrel swallows what is written after the caller has left, and only says so here. A wait that ended like this is not
            // stopped: whether it had lasted too long is asked below.
            if (!result.IsCompleted && !Aborted.IsCancellationRequested)
            {
                if (waits)
                {
                    _watch!.Stop();
                }

                // Between two pieces: the backend is not asked for the next one before it may go out.
                if (_pace is not null)
                {
                    await _pace.TakeAsync(bytes, Aborted);
                }

                return CopyOutcome.Completed;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The same, while it was waited for.
        }

        return WhyAborted;
    }

    /// <inheritdoc/>
    public void Dispose() => _watch?.Dispose();
}
