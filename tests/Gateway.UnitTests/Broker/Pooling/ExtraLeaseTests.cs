using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;

namespace Gateway.UnitTests.Broker.Pooling;

public class ExtraLeaseTests : PoolTest
{
    [Fact]
    public async Task Extra_leases_are_on_idle_connections_and_leave_one()
    {
        await StartWarmAsync(new() { MinConnections = 4, MaxConnections = 4 });
        await using var first = await AcquireAsync();

        var extras = new[] { TryAcquire(first, 3), TryAcquire(first, 2), TryAcquire(first, 1) };

        Assert.NotNull(extras[0]);
        Assert.NotNull(extras[1]);
        Assert.Null(extras[2]);
        Assert.Equal(3, new[] { first.Connection, extras[0]!.Connection, extras[1]!.Connection }.Distinct().Count());
        Assert.Equal((1, 3, 3, 0), (Snapshot.Idle, Snapshot.Leased, Snapshot.Leases, Snapshot.Opening));
        await using var next = await AcquireAsync();
        Assert.DoesNotContain(next.Connection, new[] { first.Connection, extras[0]!.Connection, extras[1]!.Connection });
        Assert.False(extras[0]!.Recall!.IsCancellationRequested || extras[1]!.Recall!.IsCancellationRequested);
        await EndAsync(extras);
        Assert.Equal(2, Snapshot.Leases);
    }

    [Fact]
    public async Task One_connection_is_never_more_than_one()
    {
        await StartWarmAsync(new() { MaxConnections = 1 });
        await using var first = await AcquireAsync();

        Assert.Null(TryAcquire(first, 7));

        Assert.Equal(1, Connector.Attempts);
    }

    [Fact]
    public async Task More_are_opened_in_the_background_and_one_stays_idle()
    {
        await StartWarmAsync(new() { MaxConnections = 4, MaxConcurrentHandshakes = 2 });
        Connector.Hold = true;
        await using var first = await AcquireAsync();

        Assert.Null(TryAcquire(first, 2));
        Assert.Null(TryAcquire(first, 2));

        Assert.Equal((2, 1), (Snapshot.Opening, Snapshot.Leases));
        (await Connector.NextOpeningAsync()).Succeed();
        (await Connector.NextOpeningAsync()).Succeed();
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 2, Opening: 0 });
        var one = TryAcquire(first, 2);
        Assert.NotNull(one);
        Assert.Null(TryAcquire(first, 1));
        Assert.Equal((1, 1), (Snapshot.Idle, Snapshot.Opening));
        (await Connector.NextOpeningAsync()).Succeed();
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 2, Opening: 0 });
        var two = TryAcquire(first, 1);
        Assert.NotNull(two);
        Assert.Equal((1, 0), (Snapshot.Idle, Snapshot.Opening));
        await EndAsync(one, two);
    }

    [Fact]
    public async Task Whoever_would_have_to_share_gets_an_extra_connection_which_is_recalled()
    {
        await StartWarmAsync(new() { MinConnections = 3, MaxConnections = 3 });
        await using var first = await AcquireAsync();
        var extra = TryAcquire(first, 1);
        await using var second = await AcquireAsync();
        Assert.False(extra!.Recall!.IsCancellationRequested);

        await using var third = await AcquireAsync();

        Assert.Same(extra.Connection, third.Connection);
        await Eventually.HoldsAsync(() => extra.Recall.IsCancellationRequested);
        await extra.DisposeAsync();
        Assert.Equal((3, 3), (Snapshot.Leased, Snapshot.Leases));
    }

    [Fact]
    public async Task Whoever_has_to_wait_has_one_recalled_and_gets_its_place()
    {
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 2, LeasesPerConnection = 1 });
        await using var first = await AcquireAsync();
        var extra = TryAcquire(first, 1);
        Assert.NotNull(extra);

        var second = AcquireAsync();

        Assert.Equal(1, Snapshot.Waiting);
        Assert.Null(TryAcquire(first, 1));
        await Eventually.HoldsAsync(() => extra.Recall!.IsCancellationRequested);
        await extra.DisposeAsync();
        await using var lease = await second;
        Assert.Equal((0, 2), (Snapshot.Waiting, Snapshot.Leases));
    }

    [Fact]
    public async Task A_server_that_allows_no_more_sessions_is_not_asked_again_and_again()
    {
        await StartWarmAsync(new() { MaxConnections = 8 });
        await using var first = await AcquireAsync();
        Connector.FailWith = BackendError.ConnectionLost;
        Assert.Null(TryAcquire(first, 7));
        await Eventually.HoldsAsync(() => Snapshot is { Opening: 0, LastError: not null });
        var attempts = Connector.Attempts;

        for (var minutes = 0; minutes < 4; minutes++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Null(TryAcquire(first, 7));
            await Eventually.HoldsAsync(() => Snapshot.Opening == 0);
        }

        Assert.Equal((attempts, CircuitState.Closed), (Connector.Attempts, Snapshot.Circuit));
        Connector.FailWith = null;
        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(TryAcquire(first, 7));
        await Eventually.HoldsAsync(() => Snapshot.Idle >= 1);
        Assert.True(Connector.Attempts > attempts);
    }

    [Fact]
    public async Task While_the_breaker_is_open_nothing_is_taken()
    {
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 8 });
        await using var first = await AcquireAsync();
        await using var second = await AcquireAsync();
        Connector.FailWith = BackendError.AuthenticationFailed;
        await using var third = await AcquireAsync();
        await Eventually.HoldsAsync(() => Snapshot.Circuit == CircuitState.Open);
        await second.DisposeAsync();
        var attempts = Connector.Attempts;

        Assert.Null(TryAcquire(first, 7));

        Assert.Equal(attempts, Connector.Attempts);
    }

    [Fact]
    public async Task A_pool_that_drains_recalls_and_gives_none()
    {
        await StartWarmAsync(new() { MinConnections = 4, MaxConnections = 4 });
        var first = await AcquireAsync();
        var extra = TryAcquire(first, 3);

        var draining = Broker.DrainAsync(None);

        await Eventually.HoldsAsync(() => extra!.Recall!.IsCancellationRequested);
        Assert.Null(TryAcquire(first, 3));
        await EndAsync(extra, first);
        await draining;
    }

    private static ConnectionLease? TryAcquire(ConnectionLease first, int wanted) => first.Pool.TryAcquireExtra(wanted);

    private static async Task EndAsync(params ConnectionLease?[] leases)
    {
        foreach (var lease in leases)
        {
            await (lease?.DisposeAsync() ?? default);
        }
    }
}
