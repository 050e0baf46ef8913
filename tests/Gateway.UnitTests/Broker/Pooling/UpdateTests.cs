using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

public class UpdateTests : PoolTest
{
    private FakeConnector Old { get; }

    public UpdateTests() => Old = Connector;

    [Fact]
    public async Task An_unchanged_backend_keeps_its_connections()
    {
        await StartWarmAsync(new());

        Start(new());
        await using var lease = await AcquireAsync();

        Assert.Same(Old.Connections[0], lease.Connection);
        Assert.Equal(1, Old.Attempts);
    }

    [Fact]
    public async Task A_changed_backend_gets_a_new_pool_while_old_leases_finish()
    {
        await StartWarmAsync(new() { MinConnections = 2 });
        var old = await AcquireAsync();

        Connector = new FakeConnector();
        Start(new(), identity: "two");
        await using var renewed = await AcquireAsync();

        Assert.Same(Connector.Connections[0], renewed.Connection);
        await Eventually.HoldsAsync(() => Old.Live.Count == 1);
        Assert.Same(old.Connection, Old.Live[0]);
        Assert.False(old.Connection.IsBroken);
        await old.DisposeAsync();
        await Eventually.HoldsAsync(() => Old.Live.Count == 0);
    }

    [Fact]
    public async Task A_caller_in_the_line_of_the_old_pool_is_served_by_the_new_one()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        await using var holder = await AcquireAsync();
        var waiting = AcquireAsync();

        Connector = new FakeConnector();
        Start(new() { MaxConnections = 2 }, identity: "two");

        await using var lease = await waiting;
        Assert.Same(Connector.Connections[0], lease.Connection);
    }

    [Fact]
    public async Task The_new_pool_opens_no_more_than_the_old_one_leaves_it_of_the_maximum()
    {
        var server = new FakeConnector();
        Connector = server;
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 2 });
        var old = await AcquireAsync();
        var closing = new TaskCompletionSource();
        foreach (var connection in Connector.Connections)
        {
            connection.OnClose = () => closing.Task;
        }

        Start(new() { MinConnections = 2, MaxConnections = 2 }, identity: "two");
        var caller = AcquireAsync();
        Assert.Equal((0, 1, 2), (Snapshot.Opening, Snapshot.Waiting, Snapshot.Former));

        closing.SetResult();
        await using var renewed = await caller;
        await Eventually.HoldsAsync(() => Snapshot is { Former: 1, Leased: 1, Opening: 0 });
        await old.DisposeAsync();
        await Eventually.HoldsAsync(() => Snapshot is { Former: 0, Leased: 1, Idle: 1 });
        Assert.Equal(2, server.MostSessions);
    }

    [Fact]
    public async Task Long_leases_on_the_old_pool_cannot_keep_the_new_one_from_serving()
    {
        await StartWarmAsync(new() { MaxConnections = 1 });
        await using var old = await AcquireAsync();
        Start(new() { MaxConnections = 1 }, identity: "two");
        var caller = AcquireAsync();

        Time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal((0, 1), (Snapshot.Opening, Snapshot.Waiting));
        Time.Advance(TimeSpan.FromSeconds(0.1));

        await using var lease = await caller;
        Assert.NotSame(old.Connection, lease.Connection);
    }

    [Fact]
    public async Task A_caller_sent_to_the_new_pool_keeps_the_deadline_it_came_with()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1, AcquireTimeout = TimeSpan.FromSeconds(10) });
        await using var holder = await AcquireAsync();
        var waiting = AcquireAsync();
        Time.Advance(TimeSpan.FromSeconds(6));

        Connector = new FakeConnector { Hold = true };
        Start(new() { AcquireTimeout = TimeSpan.FromSeconds(10) }, identity: "two");
        await Eventually.HoldsAsync(() => Snapshot.Waiting == 1 && Time.ArmedTimers > 0);
        await Connector.NextOpeningAsync();
        await AdvanceBySecondsAsync(() => waiting.IsCompleted, 5);

        Assert.Equal(BackendError.Timeout, (await FailureOf(waiting)).Error);
    }

    [Fact]
    public async Task Callers_notice_nothing_of_changes_under_load()
    {
        await StartWarmAsync(new() { LeasesPerConnection = 2, MaxConnections = 2 });
        using var end = new CancellationTokenSource();
        var connectors = new List<FakeConnector> { Connector };
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            do
            {
                await using var lease = await AcquireAsync();
                Assert.False(lease.Connection.IsBroken);
                await Task.Yield();
            }
            while (!end.IsCancellationRequested);
        })).ToArray();

        for (var i = 0; i < 200; i++)
        {
            Connector = new FakeConnector();
            connectors.Add(Connector);
            Start(new() { LeasesPerConnection = 2, MaxConnections = 2 }, identity: $"{i}");
            await Task.Yield();
        }

        await end.CancelAsync();
        await Task.WhenAll(callers);
        await Eventually.HoldsAsync(() => connectors.SkipLast(1).All(connector => connector.Live.Count == 0));
    }

    [Fact]
    public async Task A_caller_in_line_is_told_that_its_backend_was_removed()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        var lease = await AcquireAsync();
        var waiting = AcquireAsync();

        Broker.Update([]);

        Assert.Equal(BackendError.BackendNotFound, (await Assert.ThrowsAsync<BackendException>(() => waiting)).Error);
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task A_removed_backend_is_not_found_and_its_leases_finish()
    {
        await StartWarmAsync(new());
        var lease = await AcquireAsync();

        Broker.Update([]);

        Assert.Equal(BackendError.BackendNotFound, (await Assert.ThrowsAsync<BackendException>(() => AcquireAsync())).Error);
        Assert.False(lease.Connection.IsBroken);
        await lease.DisposeAsync();
        await Eventually.HoldsAsync(() => Old.Live.Count == 0);
    }

    [Fact]
    public async Task A_new_pool_does_not_make_the_gateway_unready()
    {
        await StartWarmAsync(new());
        Assert.True(Snapshot.FirstAttemptEnded);

        Connector = new FakeConnector { Hold = true };
        Start(new(), identity: "two");

        Assert.True(Snapshot.FirstAttemptEnded);
    }

    [Fact]
    public async Task A_changed_secret_forgets_the_failures_of_the_old_one()
    {
        Old.FailWith = BackendError.AuthenticationFailed;
        Start(new());
        await Eventually.HoldsAsync(() => Snapshot.Circuit is CircuitState.Open);

        Connector = new FakeConnector();
        Start(new(), identity: "two");

        await (await AcquireAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_raised_minimum_and_maximum_take_effect_on_the_pool_that_is_there()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        await using var holder = await AcquireAsync();
        var waiting = AcquireAsync();

        Start(new() { MinConnections = 3, MaxConnections = 4, LeasesPerConnection = 1 });

        await using var lease = await waiting;
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 1, Leased: 2, Max: 4, Opening: 0 });
    }

    [Fact]
    public async Task A_raised_number_of_leases_serves_the_line_at_once()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        await using var holder = await AcquireAsync();
        var waiting = AcquireAsync();

        Start(new() { MaxConnections = 1, LeasesPerConnection = 2 });

        await using var lease = await waiting;
        Assert.Same(holder.Connection, lease.Connection);
    }

    [Fact]
    public async Task A_lowered_maximum_closes_idle_connections_now_and_leased_ones_when_their_leases_end()
    {
        await StartWarmAsync(new() { MinConnections = 4, MaxConnections = 4, LeasesPerConnection = 1 });
        var one = await AcquireAsync();
        var two = await AcquireAsync();

        Start(new() { MinConnections = 1, MaxConnections = 1, LeasesPerConnection = 1 });

        await Eventually.HoldsAsync(() => Snapshot is { Idle: 0, Leased: 2, Max: 2, Closing: 0 });
        Assert.False(one.Connection.IsBroken || two.Connection.IsBroken);
        await one.DisposeAsync();
        await two.DisposeAsync();
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 1, Leased: 0, Max: 1, Closing: 0 });
        Assert.Equal(4, Connector.Attempts);
    }

    private async Task AdvanceBySecondsAsync(Func<bool> condition, int limit)
    {
        for (var i = 0; i < limit && !condition(); i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Eventually.HoldsAsync(condition);
    }
}
