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

    private readonly Histogram<double> _acquire;
    private readonly Histogram<double> _open;
    private readonly Histogram<double> _lifetime;
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _retries;

    /// <param name="factory">Owns the meter.</param>
    /// <param name="snapshots">Reads all pools.</param>
    public PoolMetrics(IMeterFactory factory, Func<IReadOnlyList<PoolSnapshot>> snapshots)
    {
        var meter = factory.Create(MeterName);
        _acquire = meter.CreateHistogram<double>(
            "gateway.pool.acquire.duration", "s", "How long callers waited for a lease; failures by error.type.");
        _open = meter.CreateHistogram<double>(
            "gateway.connection.open.duration", "s", "How long logins took; failures by error.type.");
        _lifetime = meter.CreateHistogram<double>("gateway.connection.duration", "s", "How long connections lived.");
        _evictions = meter.CreateCounter<long>("gateway.pool.evictions", "{connection}", "Connections that left their pool, by reason.");
        _retries = meter.CreateCounter<long>(
            "gateway.pool.retries", "{operation}", "Operations repeated because a warm connection turned out dead.");

        meter.CreateObservableUpDownCounter(
            "gateway.pool.connections", () => snapshots().SelectMany(CountStates), "{connection}", "Connections by state.");
        meter.CreateObservableUpDownCounter(
            "gateway.pool.connections.max", () => Observe(snapshots(), s => s.Max), "{connection}", "Most connections allowed.");
        meter.CreateObservableUpDownCounter("gateway.pool.leases", () => Observe(snapshots(), s => s.Leases), "{lease}", "Leases.");
        meter.CreateObservableUpDownCounter(
            "gateway.pool.waiting", () => Observe(snapshots(), s => s.Waiting), "{caller}", "Callers waiting for a lease.");
        meter.CreateObservableGauge(
            "gateway.pool.lease.oldest", () => Observe(snapshots(), s => (s.OldestLeaseAge ?? TimeSpan.Zero).TotalSeconds), "s", "Age of the oldest lease.");
        meter.CreateObservableGauge(
            "gateway.pool.circuit", () => Observe(snapshots(), s => (int)s.Circuit), null, "Circuit breaker: 0 closed, 1 open, 2 half open.");
    }

    public void Acquired(string backend, TimeSpan waited) => _acquire.Record(waited.TotalSeconds, Tag(BackendTag, backend));

    public void AcquireFailed(string backend, TimeSpan waited, string error) =>
        _acquire.Record(waited.TotalSeconds, Tag(BackendTag, backend), Tag(ErrorTag, error));

    public void Opened(string backend, TimeSpan took) => _open.Record(took.TotalSeconds, Tag(BackendTag, backend));

    public void OpenFailed(string backend, TimeSpan took, BackendError error) =>
        _open.Record(took.TotalSeconds, Tag(BackendTag, backend), Tag(ErrorTag, GetName(error)));

    public void Closed(string backend, TimeSpan lived, EvictionReason reason)
    {
        _evictions.Add(1, Tag(BackendTag, backend), Tag(ReasonTag, GetName(reason)));
        _lifetime.Record(lived.TotalSeconds, Tag(BackendTag, backend));
    }

    public void Retried(string backend) => _retries.Add(1, Tag(BackendTag, backend));

    /// <summary>The enum's name as OpenTelemetry writes values: <c>connection_lost</c>.</summary>
    public static string GetName(BackendError error) => error switch
    {
        BackendError.Unreachable => "unreachable",
        BackendError.Timeout => "timeout",
        BackendError.AuthenticationFailed => "authentication_failed",
        BackendError.HostKeyMismatch => "host_key_mismatch",
        BackendError.CertificateInvalid => "certificate_invalid",
        BackendError.ProtocolError => "protocol_error",
        BackendError.PoolExhausted => "pool_exhausted",
        BackendError.CircuitOpen => "circuit_open",
        BackendError.ShuttingDown => "shutting_down",
        BackendError.ConnectionLost => "connection_lost",
        _ => "_OTHER",
    };

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
