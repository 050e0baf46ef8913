using System.Buffers;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class UploadCopierTests
{
    [Fact]
    public async Task Only_the_last_write_is_smaller_than_a_packet()
    {
        var body = new byte[2600];
        Random.Shared.NextBytes(body);
        // Inline: each piece has been dealt with before the next one comes.
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        await using var destination = new PacketRecorder();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new TransferMetrics(services.GetRequiredService<IMeterFactory>(), TimeProvider.System);
        var progress = metrics.Begin("backend", TransferMetrics.Upload);
        var options = new UploadCopyOptions(TimeSpan.FromMinutes(1), null, new TaskCompletionSource<BackendException>().Task);

        var copying = new UploadCopier(TimeProvider.System).CopyAsync(pipe.Reader, destination, options, progress, CancellationToken.None).AsTask();
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
