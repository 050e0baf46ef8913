using System.Diagnostics.Metrics;
using Gateway.Api.Streaming;
using Gateway.Testing.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class TransferMetricsTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTimeProvider _time = new();
    private readonly MeterListener _listener = new();
    private readonly List<long> _counted = [];
    private readonly TransferMetrics _metrics;

    public TransferMetricsTests()
    {
        var factory = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Name == "gateway.transfer.size")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _counted.Add(value));
        _listener.Start();
        _metrics = new TransferMetrics(factory, _time);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Bytes_are_counted_every_MiB_while_a_transfer_runs()
    {
        var progress = _metrics.Begin("files", TransferMetrics.Download);
        for (var i = 0; i < 5; i++)
        {
            progress.Add(MiB / 2);
        }

        Assert.Equal([MiB, MiB], _counted);
        _metrics.End(progress, new CopyResult(CopyOutcome.Completed, 5 * MiB / 2));
        Assert.Equal([MiB, MiB, MiB / 2], _counted);
    }

    [Fact]
    public void A_slow_transfer_is_counted_every_second()
    {
        var progress = _metrics.Begin("files", TransferMetrics.Upload);
        progress.Add(10);
        _time.Advance(TimeSpan.FromSeconds(1));
        progress.Add(20);
        progress.Add(30);
        Assert.Equal([30], _counted);
        _time.Advance(TimeSpan.FromSeconds(1));
        progress.Add(40);
        Assert.Equal([30, 70], _counted);
    }

    [Fact]
    public void What_went_through_counts_although_the_transfer_failed()
    {
        var progress = _metrics.Begin("files", TransferMetrics.Upload);
        progress.Add(10);
        _metrics.End(progress, null);
        Assert.Equal([10], _counted);
    }

    [Fact]
    public void Counting_allocates_nothing_per_chunk()
    {
        var progress = _metrics.Begin("files", TransferMetrics.Download);
        _counted.Capacity = 4096;
        progress.Add(MiB);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            progress.Add(MiB / 4);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
