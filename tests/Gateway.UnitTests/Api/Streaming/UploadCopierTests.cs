using System.Buffers;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using Gateway.Api.Limits;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Gateway.UnitTests.Api.Limits;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class UploadCopierTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TransferProgress _progress;

    public UploadCopierTests() =>
        _progress = new TransferMetrics(_services.GetRequiredService<IMeterFactory>(), TimeProvider.System).Begin("backend", TransferMetrics.Upload);

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Only_the_last_write_is_smaller_than_a_packet()
    {
        var body = new byte[2600];
        Random.Shared.NextBytes(body);
        // Inline: each piece has been dealt with before the next one comes.
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        await using var destination = new PacketRecorder();
        var options = new UploadCopyOptions(TimeSpan.FromMinutes(1), null, new TaskCompletionSource<BackendException>().Task);

        var copying = new UploadCopier(TimeProvider.System).CopyAsync(pipe.Reader, destination, options, _progress, CancellationToken.None).AsTask();
        foreach (var piece in new[] { 0..700, 700..2500, 2500..2600 })
        {
            await pipe.Writer.WriteAsync(body.AsMemory(piece));
        }

        await pipe.Writer.CompleteAsync();
        var result = await copying;

        Assert.Equal((CopyOutcome.Completed, body.Length), (result.Outcome, (int)result.Bytes));
        Assert.Equal(body, destination.Content.WrittenSpan.ToArray());
        Assert.Equal([2000, 600], destination.Writes);
    }

    [Fact]
    public async Task A_limit_counts_what_was_written_whatever_became_of_the_buffer()
    {
        // Small blocks: those of the bytes that were passed on are in use again when the limit is asked.
        var pipe = new Pipe(new PipeOptions(minimumSegmentSize: 512, pauseWriterThreshold: 0));
        for (var i = 0; i < 24; i++)
        {
            await pipe.Writer.WriteAsync(new byte[500]);
        }

        await using var destination = new PacketRecorder();
        var time = new ManualTimeProvider();
        var limit = new BytePace(BytePaceTests.Limit("8000"), time);
        using var pace = new TransferPace(limit, time);
        var options = new UploadCopyOptions(TimeSpan.FromMinutes(1), null, new TaskCompletionSource<BackendException>().Task) { Pace = pace };
        using var exchange = new CancellationTokenSource();
        var copying = new UploadCopier(time).CopyAsync(pipe.Reader, destination, options, _progress, exchange.Token).AsTask();
        Assert.Equal(TimeSpan.FromMilliseconds(375), limit.Take(0));

        time.Advance(TimeSpan.FromMilliseconds(375));
        await Eventually.HoldsAsync(() => limit.Take(0) > TimeSpan.Zero);

        Assert.Equal(TimeSpan.FromMilliseconds(500), limit.Take(0));
        Assert.Equal([4000, 4000], destination.Writes);
        await exchange.CancelAsync();
        Assert.Equal(CopyOutcome.CallerLeft, (await copying).Outcome);
    }

    private sealed class PacketRecorder : RemoteWriteStream
    {
        public List<long> Writes { get; } = [];

        public ArrayBufferWriter<byte> Content { get; } = new();

        public override long Length => Content.WrittenCount;

        public override int PreferredWriteSize => 1000;

        public override ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
        {
            Writes.Add(data.Length);
            Content.Write(data.ToArray());
            return ValueTask.CompletedTask;
        }

        public override ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
