using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

[Collection(nameof(VisibilityTests))]
public class VisibilityTests : PoolTest
{
    [Fact]
    public async Task Every_state_of_the_pool_is_a_measurement()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 3 });
        await using var one = await AcquireAsync();
        await using var two = await AcquireAsync();
        Connector.Hold = true;
        var waiting = AcquireAsync();
        Time.Advance(TimeSpan.FromSeconds(3));

        var seen = Observe();

        Assert.Equal(0, seen["gateway.pool.connections/idle"]);
        Assert.Equal(2, seen["gateway.pool.connections/leased"]);
        Assert.Equal(1, seen["gateway.pool.connections/opening"]);
        Assert.Equal(0, seen["gateway.pool.connections/closing"]);
        Assert.Equal(3, seen["gateway.pool.connections.max/"]);
        Assert.Equal(2, seen["gateway.pool.leases/"]);
        Assert.Equal(1, seen["gateway.pool.waiting/"]);
        Assert.Equal(3, seen["gateway.pool.lease.oldest/"]);
        Assert.Equal(0, seen["gateway.pool.circuit/"]);
        (await Connector.NextOpeningAsync()).Succeed();
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task A_login_that_is_refused_beside_open_connections_hints_at_the_servers_limit()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { AcquireTimeout = TimeSpan.FromSeconds(1) });
        await using var one = await AcquireAsync();
        Connector.FailWith = BackendError.Unreachable;

        var second = AcquireAsync();
        await Eventually.HoldsAsync(() => Snapshot.LastError is not null);
        Time.Advance(TimeSpan.FromSeconds(1));
        await FailureOf(second);

        Assert.Contains("Pool:MaxConnections", Snapshot.LastError!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_logins_and_evictions_are_measured_with_their_outcome()
    {
        using var recorder = new Recorder(Meters);
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MaxConnections = 1, AcquireTimeout = TimeSpan.FromSeconds(10) });
        var holder = await AcquireAsync();
        var served = AcquireAsync();
        var late = AcquireAsync();
        Time.Advance(TimeSpan.FromSeconds(4));
        await holder.DisposeAsync();
        await using var lease = await served;
        Time.Advance(TimeSpan.FromSeconds(6));
        await FailureOf(late);
        Connector.FailWith = BackendError.AuthenticationFailed;
        Connector.Connections[0].Lose();
        await Eventually.HoldsAsync(() => recorder.Seen.Any(m => m.Key.Contains("authentication_failed", StringComparison.Ordinal)));

        Assert.Equal([0, 4], recorder.Of("gateway.pool.acquire.duration gateway.backend=files"));
        Assert.Equal([10], recorder.Of("gateway.pool.acquire.duration error.type=pool_exhausted gateway.backend=files"));
        Assert.Equal([0], recorder.Of("gateway.connection.open.duration gateway.backend=files"));
        Assert.Equal([0], recorder.Of("gateway.connection.open.duration error.type=authentication_failed gateway.backend=files"));
        Assert.Equal([1], recorder.Of("gateway.pool.evictions gateway.backend=files gateway.pool.eviction.reason=lost"));
        Assert.Equal([10], recorder.Of("gateway.connection.duration gateway.backend=files"));
    }

    [Fact]
    public async Task A_login_for_a_caller_is_a_span_below_the_callers_request()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Gateway.Broker" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        Start(new() { MinConnections = 0 });

        ActivityTraceId trace;
        using (var request = source.StartActivity("request"))
        {
            trace = request!.TraceId;
            await (await AcquireAsync()).DisposeAsync();
        }

        await Eventually.HoldsAsync(() => spans.Count(span => span.TraceId == trace) == 3);
        var acquire = spans.Single(span => span.OperationName == "pool.acquire" && span.TraceId == trace);
        var open = spans.Single(span => span.OperationName == "connection.open" && span.TraceId == trace);
        Assert.Equal("request", acquire.Parent?.OperationName);
        Assert.Equal(acquire.SpanId, open.ParentSpanId);
        Assert.Equal(Name, open.GetTagItem("gateway.backend"));
        Assert.Equal(ActivityStatusCode.Unset, open.Status);
    }

    [Fact]
    public async Task A_failed_wait_and_a_failed_login_say_why()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gateway.Broker",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        Connector.FailWith = BackendError.HostKeyMismatch;
        Start(new() { MinConnections = 0 });

        await FailureOf(AcquireAsync());

        await Eventually.HoldsAsync(() => spans.Count(span => (string?)span.GetTagItem("error.type") == "host_key_mismatch") == 2);
    }

    [Fact]
    public async Task A_connection_does_not_carry_the_ambient_values_of_the_request_that_caused_it()
    {
        var ambient = new AsyncLocal<string?>();
        string? seenByLogin = "nothing ran";
        string? seenByProbe = "nothing ran";
        Connector.OnOpen = (_, _) =>
        {
            seenByLogin = ambient.Value;
            return Task.FromResult(new FakeConnection
            {
                OnProbe = _ =>
                {
                    seenByProbe = ambient.Value;
                    return default;
                },
            });
        };
        ambient.Value = "secret of a request";
        Start(new() { MinConnections = 0 });
        await (await AcquireAsync()).DisposeAsync();
        Time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => seenByProbe != "nothing ran");

        Assert.Equal((null, null), (seenByLogin, seenByProbe));
    }

    private Dictionary<string, double> Observe()
    {
        using var recorder = new Recorder(Meters);
        recorder.Observe();
        return recorder.Seen.GroupBy(m => m.Key, StringComparer.Ordinal).ToDictionary(
            group => $"{group.Key.Split(' ')[0]}/{group.Key.Split("gateway.pool.state=").ElementAtOrDefault(1)}",
            group => group.Last().Value,
            StringComparer.Ordinal);
    }

    /// <summary>Measurements of this test's meter; those of the tests that run at the same time belong to other factories.</summary>
    private sealed class Recorder : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Recorder(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter is { Name: "Gateway.Broker", Scope: { } scope } && scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
            _listener.Start();
        }

        public ConcurrentQueue<KeyValuePair<string, double>> Seen { get; } = new();

        public double[] Of(string key) => [.. Seen.Where(m => m.Key == key).Select(m => m.Value)];

        public void Observe() => _listener.RecordObservableInstruments();

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var names = tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal);
            Seen.Enqueue(new($"{instrument.Name} {string.Join(' ', names)}", value));
        }
    }
}
