using System.Diagnostics.Metrics;
using Gateway.Broker.Pooling;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.UnitTests.Broker.Pooling;

public sealed class ScrapeRoundTests
{
    [Fact]
    public void The_figures_of_one_scrape_belong_together_and_those_of_the_next_are_new()
    {
        // The maximum is lowered while a scrape is under way: between any two of its instruments.
        var readings = 0;
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _ = new PoolMetrics(services.GetRequiredService<IMeterFactory>(), () =>
        {
            readings++;
            return
            [
                new PoolSnapshot
                {
                    Backend = "files", Idle = readings, Leased = 0, Leases = readings, Opening = 0, Waiting = readings, Max = readings,
                    Circuit = CircuitState.Closed, FirstAttemptEnded = true, Draining = false,
                },
            ];
        });
        var seen = new List<int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == PoolMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, services.GetRequiredService<IMeterFactory>()))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) =>
        {
            if (value > 0)
            {
                seen.Add(value);
            }
        });
        listener.Start();

        for (var scrape = 1; scrape <= 3; scrape++)
        {
            seen.Clear();
            listener.RecordObservableInstruments();
            Assert.Equal(scrape, readings);
            Assert.Equal([scrape, scrape, scrape, scrape], seen);
        }
    }
}
