using System.Diagnostics.Metrics;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.UnitTests.Broker.Pooling;

/// <summary>A broker with one backend on fake time. At the end of each test every connection must be closed, once.</summary>
public abstract class PoolTest : IAsyncLifetime
{
    protected const string Name = "files";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    protected PoolTest() => Broker = new ConnectionBroker(Time, NullLoggerFactory.Instance, Meters, new Random(1));

    protected ManualTimeProvider Time { get; } = new();

    protected FakeConnector Connector { get; set; } = new();

    protected IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    protected ConnectionBroker Broker { get; }

    protected PoolSnapshot Snapshot => Broker.GetSnapshots().Single();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Broker.DisposeAsync();
        await _services.DisposeAsync();
        Assert.All(Connector.Connections, connection => Assert.Equal((1, true), (connection.Closes, connection.IsClosed)));
    }

    protected static CancellationToken None => CancellationToken.None;

    protected BackendDefinition Define(PoolOptions options, string identity = "one") => new()
    {
        Name = Name,
        Protocol = "fake",
        Identity = identity,
        Connector = Connector,
        Pool = options,
    };

    protected void Start(PoolOptions options, string identity = "one") => Broker.Update([Define(options, identity)]);

    /// <summary>Starts and waits until the minimum is open.</summary>
    protected async Task StartWarmAsync(PoolOptions options)
    {
        Start(options);
        await Eventually.HoldsAsync(() => Snapshot.Idle == options.MinConnections && Snapshot.Opening == 0);
    }

    protected Task<ConnectionLease> AcquireAsync(CancellationToken cancellationToken = default) =>
        Broker.AcquireAsync(Name, cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);

    /// <summary>
    /// Moves time in small steps, each after the logins and probes of the last have ended, until the condition holds. The
    /// condition must look at <see cref="Snapshot"/> or the connector: those are up to date when a step ends, tasks are not.
    /// </summary>
    protected async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan limit)
    {
        for (var end = Time.Elapsed + limit; ; Time.Advance(TimeSpan.FromMilliseconds(50)))
        {
            await Eventually.HoldsAsync(() => Snapshot is { Opening: 0, Closing: 0 });
            if (condition())
            {
                return;
            }

            Assert.True(Time.Elapsed < end, "The condition did not come true in time.");
        }
    }

    protected static async Task<BackendException> FailureOf(Task task) => await Assert.ThrowsAsync<BackendException>(() => task);
}
