using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

public class DrainTests : PoolTest
{
    [Fact]
    public async Task A_drain_refuses_new_leases_and_lets_running_ones_finish()
    {
        await StartWarmAsync(new() { MinConnections = 2 });
        var lease = await AcquireAsync();

        var draining = Broker.DrainAsync(None);

        var failure = await FailureOf(AcquireAsync());
        Assert.Equal(BackendError.ShuttingDown, failure.Error);
        Assert.NotNull(failure.RetryAfter);
        Assert.True(Snapshot.Draining);
        await Eventually.HoldsAsync(() => Connector.Live.Count == 1);
        Assert.False(lease.Connection.IsBroken);
        Assert.False(draining.IsCompleted);

        await lease.DisposeAsync();
        await draining;
        Assert.Empty(Connector.Live);
    }

    [Fact]
    public async Task Callers_in_the_line_are_refused_when_the_drain_begins()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        var lease = await AcquireAsync();
        var waiting = AcquireAsync();

        var draining = Broker.DrainAsync(None);

        Assert.Equal(BackendError.ShuttingDown, (await FailureOf(waiting)).Error);
        await lease.DisposeAsync();
        await draining;
    }

    [Fact]
    public async Task When_the_time_is_up_what_is_left_breaks_and_closes_although_it_is_leased()
    {
        await StartWarmAsync(new());
        var stuck = await AcquireAsync();
        using var grace = new CancellationTokenSource();
        var draining = Broker.DrainAsync(grace.Token);
        Assert.False(draining.IsCompleted);

        await grace.CancelAsync();
        await draining;

        Assert.Equal(BackendError.ShuttingDown, (await stuck.Connection.Broken).Error);
        Assert.Empty(Connector.Live);
        await stuck.DisposeAsync();
        Assert.Equal(0, Snapshot.Leases);
    }

    [Fact]
    public async Task A_login_under_way_is_given_up()
    {
        Connector.Hold = true;
        Start(new());
        var opening = await Connector.NextOpeningAsync();

        await Broker.DrainAsync(None);

        Assert.True(opening.Token.IsCancellationRequested);
        Assert.Equal((0, 1), (Snapshot.Opening, Connector.Attempts));
        Assert.Null(Snapshot.LastError);
    }

    [Fact]
    public async Task A_login_that_succeeds_although_it_was_given_up_is_closed()
    {
        var opened = new TaskCompletionSource<FakeConnection>();
        Connector.OnOpen = (_, _) => opened.Task;
        Start(new());
        await Eventually.HoldsAsync(() => Connector.Opening == 1);
        var draining = Broker.DrainAsync(None);

        opened.SetResult(new FakeConnection());
        await draining;

        Assert.Empty(Connector.Live);
        Assert.Single(Connector.Connections);
    }

    [Fact]
    public async Task A_login_that_cannot_be_given_up_does_not_hold_up_the_end_for_ever()
    {
        var opened = new TaskCompletionSource<FakeConnection>();
        Connector.OnOpen = (_, _) => opened.Task;
        Start(new());
        await Eventually.HoldsAsync(() => Connector.Opening == 1);
        using var grace = new CancellationTokenSource();
        var draining = Broker.DrainAsync(grace.Token);
        var timers = Time.ArmedTimers;
        await grace.CancelAsync();
        await Eventually.HoldsAsync(() => Time.ArmedTimers > timers);
        Assert.False(draining.IsCompleted);

        Time.Advance(TimeSpan.FromSeconds(12));
        await draining;

        opened.SetResult(new FakeConnection());
        await Eventually.HoldsAsync(() => Connector.Connections.Count == 1 && Connector.Live.Count == 0);
    }

    [Fact]
    public async Task Nothing_starts_after_a_drain()
    {
        await StartWarmAsync(new());
        await Broker.DrainAsync(None);
        await Broker.DrainAsync(None);

        Broker.Update([Define(new(), "two")]);
        Time.Advance(TimeSpan.FromHours(3));

        Assert.Equal(1, Connector.Attempts);
        Assert.Equal(BackendError.ShuttingDown, (await FailureOf(AcquireAsync())).Error);
        Assert.Equal(0, Time.ArmedTimers);
    }

    [Fact]
    public async Task A_running_probe_ends_before_its_connection_is_closed()
    {
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromSeconds(30) });
        var answer = new TaskCompletionSource();
        var connection = Connector.Connections[0];
        connection.OnProbe = _ => new ValueTask(answer.Task);
        Time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => connection.Probes == 1);

        var draining = Broker.DrainAsync(None);

        Assert.Equal(0, connection.Closes);
        answer.SetResult();
        await draining;
        Assert.False(connection.IsBroken);
    }

    [Fact]
    public async Task A_broken_connection_whose_lease_is_stuck_does_not_hold_up_a_drain()
    {
        await StartWarmAsync(new());
        var stuck = await AcquireAsync();
        Connector.Connections[0].Lose();

        await Broker.DrainAsync(None);

        await stuck.DisposeAsync();
    }

    [Fact]
    public async Task Disposing_closes_everything_at_once()
    {
        await StartWarmAsync(new() { MinConnections = 3 });
        await using var lease = await AcquireAsync();

        await Broker.DisposeAsync();
        await Broker.DisposeAsync();

        Assert.Empty(Connector.Live);
        Assert.Equal(CircuitState.Closed, Snapshot.Circuit);
    }
}
