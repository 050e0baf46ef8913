using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.UnitTests.Broker.Pooling;

/// <summary>
/// Callers, faults, configuration changes and time itself, all on threads of their own, in a random order with a known seed.
/// (Debug builds assert the pool's sums after every step besides.)
/// </summary>
public sealed class StressTests : IAsyncDisposable
{
    private const string Name = "files";
    private const int Callers = 12;
    private const int Rounds = 300;
    private static readonly TimeSpan AcquireTimeout = TimeSpan.FromSeconds(5);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentDictionary<BackendConnection, int> _holders = new();
    private readonly ConcurrentBag<FakeConnector> _connectors = [];
    private readonly ConcurrentQueue<string> _faults = new();
    private int _served;

    public static TheoryData<int, bool> Seeds => new()
    {
        { 1, true }, { 2, false }, { 3, true }, { 4, false }, { Environment.TickCount, true }, { Environment.TickCount + 1, false },
    };

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Nothing_is_lost_or_leaked_whatever_happens(int seed, bool isShareable)
    {
        try
        {
            await RunAsync(seed, isShareable).WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed}, shareable {isShareable}: {exception.Message}", exception);
        }
    }

    private async Task RunAsync(int seed, bool isShareable)
    {
        var broker = new ConnectionBroker(
            _time, NullLoggerFactory.Instance, _services.GetRequiredService<IMeterFactory>(), new LockedRandom(seed));
        broker.Update([Define(new LockedRandom(seed), isShareable, 0)]);
        using var end = new CancellationTokenSource();
        var world = Task.Run(() => DisturbAsync(broker, isShareable, new LockedRandom(seed + 1), end.Token));
        var callers = Enumerable.Range(0, Callers)
            .Select(i => Task.Run(() => CallAsync(broker, isShareable, new LockedRandom(seed + 100 + i))))
            .ToArray();

        await Task.WhenAll(callers);
        await end.CancelAsync();
        await world;
        var snapshot = broker.GetSnapshots().Single();
        Assert.Equal((0, 0, 0), (snapshot.Leased, snapshot.Leases, snapshot.Waiting));

        await broker.DrainAsync(CancellationToken.None);
        snapshot = broker.GetSnapshots().Single();
        Assert.Equal((0, 0, 0, 0), (snapshot.Idle, snapshot.Leased, snapshot.Opening, snapshot.Closing));
        await Eventually.HoldsAsync(() => _connectors.All(connector => connector.Live.Count == 0));
        Assert.All(_connectors.SelectMany(connector => connector.Connections), connection => Assert.Equal(1, connection.Closes));
        Assert.All(_connectors, connector => Assert.True(connector.MostSessions <= 4, $"{connector.MostSessions} sessions"));
        Assert.All(_holders.Values, holders => Assert.Equal(0, holders));
        Assert.Empty(_faults);
        Assert.True(_served > Callers * Rounds / 4, $"Only {_served} callers were served.");
        await broker.DisposeAsync();
        await Eventually.HoldsAsync(() => _time.ArmedTimers == 0);
    }

    private async Task CallAsync(ConnectionBroker broker, bool isShareable, Random random)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var start = _time.Elapsed;
            using var leaving = new CancellationTokenSource();
            var impatience = random.Next(4) == 0 ? LeaveAsync(leaving, random.Next(20)) : Task.CompletedTask;
            try
            {
                await using var lease = await broker.AcquireAsync(Name, leaving.Token);
                await UseAsync(lease, isShareable, random);
            }
            catch (OperationCanceledException)
            {
                Check(leaving.IsCancellationRequested, "A caller who had not left was cancelled.");
            }
            catch (BackendException failure)
            {
                // The fake clock moves between the pool's reading and this one: only too early can be told.
                var isLate = failure.Error is not BackendError.PoolExhausted || _time.Elapsed - start >= AcquireTimeout;
                Check(isLate, $"Turned away after {_time.Elapsed - start}: {failure.Message}");
                Check(
                    failure.Error is BackendError.PoolExhausted or BackendError.Unreachable or BackendError.AuthenticationFailed
                        or BackendError.Timeout,
                    $"Unexpected: {failure.Error}");
            }

            CheckSums(broker);
            await impatience;
        }
    }

    private async Task UseAsync(ConnectionLease lease, bool isShareable, Random random)
    {
        var connection = (FakeConnection)lease.Connection;
        var holders = _holders.AddOrUpdate(connection, 1, (_, count) => count + 1);
        Check(holders <= (isShareable ? 3 : 1), $"{holders} leases on one connection.");
        Check(!connection.IsClosed || connection.IsBroken, "A lease on a closed connection.");
        Interlocked.Increment(ref _served);
        for (var pause = random.Next(10); pause > 0; pause--)
        {
            await Task.Yield();
        }

        if (random.Next(30) == 0)
        {
            connection.Lose();
        }

        _holders.AddOrUpdate(connection, 0, (_, count) => count - 1);
        if (random.Next(10) == 0)
        {
            await lease.DisposeAsync();
        }
    }

    private async Task DisturbAsync(ConnectionBroker broker, bool isShareable, Random random, CancellationToken end)
    {
        for (var step = 1; !end.IsCancellationRequested; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 150)));
            await Task.Yield();
            if (random.Next(60) == 0)
            {
                broker.Update([Define(random, isShareable, random.Next(3))]);
            }

            if (random.Next(20) == 0 && _connectors.SelectMany(connector => connector.Live).ToArray() is { Length: > 0 } live)
            {
                live[random.Next(live.Length)].Lose();
            }

            CheckSums(broker);
        }
    }

    private BackendDefinition Define(Random random, bool isShareable, int identity)
    {
        var connector = new FakeConnector(isShareable) { OnOpen = (_, token) => OpenAsync(random, token) };
        _connectors.Add(connector);
        var min = random.Next(0, 3);
        return new BackendDefinition
        {
            Name = Name,
            Protocol = "fake",
            Identity = $"{identity}",
            Connector = connector,
            Pool = new PoolOptions
            {
                MinConnections = min,
                MaxConnections = random.Next(Math.Max(1, min), 5),
                LeasesPerConnection = 3,
                AcquireTimeout = AcquireTimeout,
                MaxWaiting = Callers,
                IdleTimeout = TimeSpan.FromSeconds(2),
                MaxLifetime = TimeSpan.FromSeconds(20),
                ProbeInterval = TimeSpan.FromSeconds(1),
                MaxConcurrentHandshakes = random.Next(1, 4),
            },
        };
    }

    private static async Task<FakeConnection> OpenAsync(Random random, CancellationToken cancellationToken)
    {
        for (var pause = random.Next(5); pause > 0; pause--)
        {
            await Task.Yield();
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (random.Next(8) == 0)
        {
            throw new BackendException(BackendError.Unreachable, "Refused as told.");
        }

        return new FakeConnection
        {
            OnProbe = async _ =>
            {
                await Task.Yield();
                if (random.Next(10) == 0)
                {
                    throw new BackendException(BackendError.ConnectionLost, "Dead.");
                }
            },
            OnClose = async () =>
            {
                for (var pause = random.Next(5); pause > 0; pause--)
                {
                    await Task.Yield();
                }
            },
        };
    }

    private static async Task LeaveAsync(CancellationTokenSource leaving, int yields)
    {
        for (var i = 0; i < yields; i++)
        {
            await Task.Yield();
        }

        await leaving.CancelAsync();
    }

    private void CheckSums(ConnectionBroker broker)
    {
        var pool = broker.GetSnapshots().Single();
        Check(pool.Idle + pool.Leased + pool.Opening + pool.Closing <= pool.Max, $"The sums are off: {pool}");
        Check(pool is { Idle: >= 0, Leased: >= 0, Opening: >= 0, Closing: >= 0, Waiting: >= 0 }, $"Less than nothing: {pool}");
        Check(pool.Leases >= pool.Leased, $"Leased without a lease: {pool}");
    }

    private void Check(bool holds, string fault)
    {
        if (!holds)
        {
            _faults.Enqueue(fault);
        }
    }

    /// <summary>One sequence for several threads: which thread gets which number is the scheduler's choice.</summary>
    private sealed class LockedRandom(int seed) : Random(seed)
    {
        private readonly Lock _lock = new();

        public override int Next(int maxValue)
        {
            lock (_lock)
            {
                return base.Next(maxValue);
            }
        }

        public override int Next(int minValue, int maxValue)
        {
            lock (_lock)
            {
                return base.Next(minValue, maxValue);
            }
        }

        public override double NextDouble()
        {
            lock (_lock)
            {
                return base.NextDouble();
            }
        }
    }
}
