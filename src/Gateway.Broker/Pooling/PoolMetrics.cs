using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>The meter <c>Gateway.Broker</c>. Counts of the moment are read from snapshots, so that they cannot drift.</summary>
internal sealed class PoolMetrics
{
    public const string MeterName = "Gateway.Broker";

    private const string BackendTag = "gateway.backend";
    private const string StateTag = "gateway.pool.state";
    private const string ReasonTag = "gateway.pool.eviction.reason";
    private const string ErrorTag = "error.type";

    /// <summary>Seconds: a lease is given at once or waited for; a login takes a good part of a second at least.</summary>
    private static readonly double[] s_waits = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    /// <summary>Seconds: connections live for minutes and hours.</summary>
    private static readonly double[] s_lives = [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 86400];

    private readonly Histogram<double> _acquire;
    private readonly Histogram<double> _open;
    private readonly Histogram<double> _lifetime;
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _extras;
    private readonly Counter<long> _gathered;

    /// <param name="factory">Owns the meter.</param>
    /// <param name="snapshots">Reads all pools.</param>
    public PoolMetrics(IMeterFactory factory, Func<IReadOnlyList<PoolSnapshot>> snapshots)
    {
        var meter = factory.Create(MeterName);
        _acquire = CreateHistogram(
            meter, "gateway.pool.acquire.duration", "How long callers waited for a lease; failures by error.type.", s_waits);
        _open = CreateHistogram(
            meter, "gateway.connection.open.duration", "How long logins took; failures by error.type.", s_waits);
        _lifetime = CreateHistogram(meter, "gateway.connection.duration", "How long connections lived.", s_lives);
        _evictions = meter.CreateCounter<long>("gateway.pool.evictions", "{connection}", "Connections that left their pool, by reason.");
        _retries = meter.CreateCounter<long>(
            "gateway.pool.retries", "{operation}", "Operations repeated because a warm connection turned out dead.");

        _extras = meter.CreateCounter<long>(
            "gateway.pool.extra.leases", "{lease}", "Further leases that transfers took beside their first one, to use several connections at once.");

        _gathered = meter.CreateCounter<long>(
            "gateway.pool.gathered.leases", "{lease}", "Leases that large downloads took to go on over few connections, as all processors were in use.");

        var round = new ScrapeRound(snapshots);
        meter.CreateObservableUpDownCounter(
            "gateway.pool.connections", () => round.Read(0).SelectMany(CountStates), "{connection}", "Connections by state.");
        meter.CreateObservableUpDownCounter(
            "gateway.pool.connections.max", () => Observe(round.Read(1), s => s.Max), "{connection}", "Most connections allowed.");
        meter.CreateObservableUpDownCounter("gateway.pool.leases", () => Observe(round.Read(2), s => s.Leases), "{lease}", "Leases.");
        meter.CreateObservableUpDownCounter(
            "gateway.pool.waiting", () => Observe(round.Read(3), s => s.Waiting), "{caller}", "Callers waiting for a lease.");
        meter.CreateObservableGauge(
            "gateway.pool.lease.oldest", () => Observe(round.Read(4), s => (s.OldestLeaseAge ?? TimeSpan.Zero).TotalSeconds), "s", "Age of the oldest lease.");
        meter.CreateObservableGauge(
            "gateway.pool.circuit", () => Observe(round.Read(5), s => (int)s.Circuit), null, "Circuit breaker: 0 closed, 1 open, 2 half open.");
    }

    public void Acquired(string backend, TimeSpan waited) => _acquire.Record(waited.TotalSeconds, Tag(BackendTag, backend));

    public void AcquireFailed(string backend, TimeSpan waited, string error) =>
        _acquire.Record(waited.TotalSeconds, Tag(BackendTag, backend), Tag(ErrorTag, error));

    public void Opened(string backend, TimeSpan took) => _open.Record(took.TotalSeconds, Tag(BackendTag, backend));

    public void OpenFailed(string backend, TimeSpan took, BackendError error) =>
        _open.Record(took.TotalSeconds, Tag(BackendTag, backend), Tag(ErrorTag, BackendErrorName.Of(error)));

    public void Closed(string backend, TimeSpan lived, EvictionReason reason)
    {
        _evictions.Add(1, Tag(BackendTag, backend), Tag(ReasonTag, GetName(reason)));
        _lifetime.Record(lived.TotalSeconds, Tag(BackendTag, backend));
    }

    public void AcquiredExtra(string backend) => _extras.Add(1, Tag(BackendTag, backend));

    public void Gathered(string backend) => _gathered.Add(1, Tag(BackendTag, backend));

    public void Retried(string backend) => _retries.Add(1, Tag(BackendTag, backend));

    private static string GetName(EvictionReason reason) => reason switch
    {
        EvictionReason.Lost => "lost",
        EvictionReason.ProbeFailed => "probe_failed",
        EvictionReason.Idle => "idle",
        EvictionReason.Lifetime => "lifetime",
        EvictionReason.Surplus => "surplus",
        EvictionReason.Drained => "drained",
        _ => throw new UnreachableException(),
    };

    private static Histogram<double> CreateHistogram(Meter meter, string name, string description, double[] bounds) => meter.CreateHistogram(
        name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private static IEnumerable<Measurement<int>> CountStates(PoolSnapshot pool)
    {
        var backend = Tag(BackendTag, pool.Backend);
        yield return new(pool.Idle, backend, Tag(StateTag, "idle"));
        yield return new(pool.Leased, backend, Tag(StateTag, "leased"));
        yield return new(pool.Opening, backend, Tag(StateTag, "opening"));
        yield return new(pool.Closing, backend, Tag(StateTag, "closing"));
        yield return new(pool.Former, backend, Tag(StateTag, "former"));
    }

    private static IEnumerable<Measurement<T>> Observe<T>(IReadOnlyList<PoolSnapshot> pools, Func<PoolSnapshot, T> read)
        where T : struct => pools.Select(pool => new Measurement<T>(read(pool), Tag(BackendTag, pool.Backend)));

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);
}
