using System.Runtime.CompilerServices;

namespace Gateway.Broker.Pooling;

/// <summary>
/// One reading of all pools for all observable instruments of a scrape, so that its figures belong together. Nothing tells an instrument
/// that a scrape begins; but a scrape asks the instruments one after the other on its thread, so that one who asks again begins the next.
/// </summary>
internal sealed class ScrapeRound(Func<IReadOnlyList<PoolSnapshot>> read)
{
    private readonly ConditionalWeakTable<Thread, Reading> _readings = [];

    /// <summary>The pools as this scrape sees them.</summary>
    /// <param name="instrument">Who asks: a number of its own below 32.</param>
    public IReadOnlyList<PoolSnapshot> Read(int instrument)
    {
        var reading = _readings.GetOrCreateValue(Thread.CurrentThread);
        var reader = 1 << instrument;
        if (reading.Pools is null || (reading.Readers & reader) != 0)
        {
            (reading.Pools, reading.Readers) = (read(), 0);
        }

        reading.Readers |= reader;
        return reading.Pools;
    }

    private sealed class Reading
    {
        public IReadOnlyList<PoolSnapshot>? Pools { get; set; }

        public int Readers { get; set; }
    }
}
