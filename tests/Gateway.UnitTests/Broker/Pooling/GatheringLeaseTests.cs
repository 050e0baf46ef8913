using Gateway.Broker.Pooling;
using Gateway.Testing;

namespace Gateway.UnitTests.Broker.Pooling;

/// <summary>Four connections, of which two are those that leases gather on.</summary>
public class GatheringLeaseTests : PoolTest
{
    private static readonly PoolOptions Four = new() { MinConnections = 4, MaxConnections = 4, MaxConcurrentHandshakes = 1 };

    private readonly List<ConnectionLease> _leases = [];

    [Fact]
    public async Task A_lease_moves_to_the_least_loaded_of_the_first_few()
    {
        await StartAsync(Four, leases: 8);
        var first = LeasesOf(0);
        await first[0].DisposeAsync();
        _leases.Add(await AcquireAsync());
        _leases.Add((await Gather(LeasesOf(3)[0]))!);

        // The first connection has three leases now, the second two.
        var moved = await Gather(LeasesOf(2)[0]);

        Assert.Same(Connector.Connections[1], moved!.Connection);
        Assert.Null(moved.Recall);
        await moved.DisposeAsync();
        await EndAsync();
    }

    [Fact]
    public async Task What_is_on_one_of_the_first_few_stays()
    {
        await StartAsync(Four, leases: 8);

        Assert.All([.. LeasesOf(0), .. LeasesOf(1)], lease => Assert.False(lease.Pool.CanGather(lease)));
        Assert.All([.. LeasesOf(2), .. LeasesOf(3)], lease => Assert.True(lease.Pool.CanGather(lease)));
        Assert.Null(await Gather(LeasesOf(1)[0]));
        await EndAsync();
    }

    [Theory]
    [InlineData(7, 16, false)]
    [InlineData(8, 16, true)]
    [InlineData(8, 2, false)]
    public async Task Nothing_moves_where_few_are_in_use_or_the_few_are_full(int leases, int most, bool moves)
    {
        await StartAsync(Four with { LeasesPerConnection = most }, leases);
        var lease = LeasesOf(3)[0];

        Assert.Equal(moves, lease.Pool.CanGather(lease));
        await EndAsync();
    }

    [Fact]
    public async Task A_connection_that_broke_is_not_one_of_the_few()
    {
        await StartAsync(Four, leases: 11);
        Connector.Connections[0].Lose();
        await Eventually.HoldsAsync(() => Connector.Attempts == 5);

        Assert.False(LeasesOf(2)[0].Pool.CanGather(LeasesOf(2)[0]));
        await using (var moved = await Gather(LeasesOf(3)[0]))
        {
            Assert.Contains(moved!.Connection, new[] { Connector.Connections[1], Connector.Connections[2] });
        }

        await EndAsync();
    }

    [Fact]
    public async Task A_pool_that_drains_moves_nobody()
    {
        await StartAsync(Four, leases: 8);

        Broker.Update([]);

        Assert.False(LeasesOf(3)[0].Pool.CanGather(LeasesOf(3)[0]));
        await EndAsync();
    }

    private async Task StartAsync(PoolOptions options, int leases)
    {
        Broker.Update([Define(options) with { GatheredConnections = 2 }]);
        await Eventually.HoldsAsync(() => Snapshot.Idle == options.MinConnections && Snapshot.Opening == 0);
        for (var i = 0; i < leases; i++)
        {
            _leases.Add(await AcquireAsync());
        }
    }

    private static async Task<ConnectionLease?> Gather(ConnectionLease own)
    {
        var lease = own.Pool.TryAcquireGathering(own);
        if (lease is not null)
        {
            await own.DisposeAsync();
        }

        return lease;
    }

    /// <summary>Those of a connection, counted in the order of opening.</summary>
    private ConnectionLease[] LeasesOf(int connection) => [.. _leases.Where(lease => lease.Pooled.Connection == Connector.Connections[connection])];

    private async Task EndAsync()
    {
        foreach (var lease in _leases)
        {
            await lease.DisposeAsync();
        }

        Assert.Equal(0, Broker.GetSnapshots().Sum(pool => pool.Leases));
    }
}
