using System.IO.Pipelines;
using Gateway.Api.Streaming;
using Gateway.Testing.Fakes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class ResponseSinkTests
{
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(30);
    private readonly ManualTimeProvider _time = new();
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 100, resumeWriterThreshold: 50, useSynchronizationContext: false));

    /// <summary>Kestrel's flush may end with a result that says so, and not with an exception.</summary>
    [Theory]
    [InlineData(30, CopyOutcome.CallerStalled)]
    [InlineData(3, CopyOutcome.CallerLeft)]
    public async Task A_wait_that_ends_because_the_exchange_did_is_called_by_its_cause(int seconds, object outcome)
    {
        var context = MakeContext();
        using var sink = new ResponseSink(context, StallTimeout, _time);
        sink.Writer.GetMemory(100);
        sink.Writer.Advance(100);
        var flush = sink.FlushAsync();
        Assert.False(flush.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(seconds));
        await _body.Reader.CompleteAsync();

        Assert.Equal(outcome, await flush);
    }

    [Fact]
    public async Task A_wait_that_ended_well_does_not_count_for_the_next()
    {
        var context = MakeContext();
        using var sink = new ResponseSink(context, StallTimeout, _time);
        sink.Writer.GetMemory(100);
        sink.Writer.Advance(100);
        var flush = sink.FlushAsync();
        _time.Advance(TimeSpan.FromSeconds(29));
        _body.Reader.AdvanceTo((await _body.Reader.ReadAsync()).Buffer.End);
        Assert.Equal(CopyOutcome.Completed, await flush);

        _time.Advance(TimeSpan.FromSeconds(29));
        await _body.Reader.CompleteAsync();

        Assert.Equal(CopyOutcome.CallerLeft, await sink.FlushAsync());
    }

    private DefaultHttpContext MakeContext()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new PipeBody(_body.Writer));
        return context;
    }

    private sealed class PipeBody(PipeWriter writer) : IHttpResponseBodyFeature
    {
        public Stream Stream => writer.AsStream();

        public PipeWriter Writer => writer;

        public Task CompleteAsync() => writer.CompleteAsync().AsTask();

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
