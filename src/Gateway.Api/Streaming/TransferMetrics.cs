using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Gateway.Api.Streaming;

/// <summary>The meter <c>Gateway.Api</c>: what went through, in which direction, and how it ended.</summary>
internal sealed class TransferMetrics
{
    /// <summary>The value of the tag <c>gateway.transfer.direction</c> of what callers read.</summary>
    public const string Download = "download";

    /// <summary>The value of the tag <c>gateway.transfer.direction</c> of what callers write.</summary>
    public const string Upload = "upload";

    /// <summary>The value of the tag <c>gateway.transfer.direction</c> of copies, counted where they go to.</summary>
    public const string Copy = "copy";

    /// <summary>Seconds: from a thumbnail to a disk image on a slow line.</summary>
    private static readonly double[] s_durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _active;
    private readonly TimeProvider _time;

    /// <param name="factory">Owns the meter.</param>
    /// <param name="time">The clock.</param>
    public TransferMetrics(IMeterFactory factory, TimeProvider time)
    {
        var meter = factory.Create("Gateway.Api");
        _bytes = meter.CreateCounter<long>("gateway.transfer.size", "By", "Bytes of bodies, counted while they go through.");
        _duration = meter.CreateHistogram(
            "gateway.transfer.duration", "s", "How long transfers took, by outcome.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = s_durations });
        _active = meter.CreateUpDownCounter<long>("gateway.transfer.active", "{transfer}", "Transfers under way.");
        _time = time;
    }

    /// <summary>A transfer begins.</summary>
    /// <returns>What counts its bytes; for <see cref="End"/>.</returns>
    public TransferProgress Begin(string backend, string direction)
    {
        _active.Add(1, Backend(backend), Direction(direction));
        return new TransferProgress(this, backend, direction, _time);
    }

    /// <summary>Bytes of a transfer went through.</summary>
    public void Add(TransferProgress progress, long bytes) => _bytes.Add(bytes, Backend(progress.Backend), Direction(progress.Direction));

    /// <summary>A transfer ends.</summary>
    /// <param name="progress">What counted its bytes.</param>
    /// <param name="result">How it ended; null where something else than the copying failed.</param>
    public void End(TransferProgress progress, CopyResult? result)
    {
        progress.HandOver();
        var outcome = result?.Outcome switch
        {
            CopyOutcome.Completed => "completed",
            CopyOutcome.CallerLeft => "caller_left",
            CopyOutcome.CallerStalled => "caller_stalled",
            CopyOutcome.TooLarge => "too_large",
            _ => "backend_failed",
        };
        var tags = new TagList { Backend(progress.Backend), Direction(progress.Direction) };
        _active.Add(-1, tags);
        tags.Add("gateway.transfer.outcome", outcome);
        _duration.Record(_time.GetElapsedTime(progress.Begun).TotalSeconds, tags);
    }

    private static KeyValuePair<string, object?> Backend(string name) => new("gateway.backend", name);

    private static KeyValuePair<string, object?> Direction(string name) => new("gateway.transfer.direction", name);
}
