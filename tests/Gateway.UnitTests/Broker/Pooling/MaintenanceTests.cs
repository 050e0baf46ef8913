using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

public class MaintenanceTests : PoolTest
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(100);

    private FakeConnection First => Connector.Connections[0];

    [Fact]
    public async Task A_lost_connection_is_evicted_and_replaced_at_once()
    {
        await StartWarmAsync(new());
        Time.Advance(TimeSpan.FromMinutes(1));

        First.Lose();

        await Eventually.HoldsAsync(() => Connector.Attempts == 2 && Snapshot is { Idle: 1, Opening: 0, Closing: 0 });
        await using var lease = await AcquireAsync();
        Assert.NotSame(First, lease.Connection);
        Assert.True(First.IsClosed);
    }

    [Fact]
    public async Task A_connection_that_breaks_under_a_lease_frees_its_place_before_the_lease_ends()
    {
        await StartWarmAsync(new() { MaxConnections = 1 });
        Time.Advance(TimeSpan.FromMinutes(1));
        await using var slow = await AcquireAsync();

        First.Lose();

        await using var other = await AcquireAsync();
        Assert.NotSame(slow.Connection, other.Connection);
        await Eventually.HoldsAsync(() => First.IsClosed);
        Assert.Equal((2, 1), (Snapshot.Leases, Snapshot.Leased));
        await slow.DisposeAsync();
        Assert.Equal((1, 1), (Snapshot.Leases, Snapshot.Leased));
    }

    [Fact]
    public async Task A_connection_that_broke_a_moment_ago_is_not_given_out()
    {
        await StartWarmAsync(new() { MinConnections = 2 });
        await using var probe = await AcquireAsync();
        await probe.DisposeAsync();

        ((FakeConnection)probe.Pooled.Connection).Lose();
        await using var lease = await AcquireAsync();

        Assert.False(lease.Connection.IsBroken);
    }

    [Fact]
    public async Task The_last_failure_shows_until_a_connection_was_opened_after_it()
    {
        await StartWarmAsync(new());
        Connector.Hold = true;

        First.Lose();

        await Eventually.HoldsAsync(() => Snapshot.LastError is { Error: BackendError.ConnectionLost });
        Time.Advance(TimeSpan.FromSeconds(1));
        (await Connector.NextOpeningAsync()).Succeed();
        await Eventually.HoldsAsync(() => Snapshot.LastError is null);
    }

    [Fact]
    public async Task The_minimum_is_restored_after_an_outage_without_any_caller()
    {
        await StartWarmAsync(new() { MinConnections = 3 });
        Connector.FailWith = BackendError.Unreachable;
        foreach (var connection in Connector.Connections)
        {
            connection.Lose();
        }

        await Eventually.HoldsAsync(() => Snapshot.Idle == 0);
        await AdvanceUntilAsync(() => Time.Elapsed > TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        Assert.Equal(0, Snapshot.Idle);
        Connector.FailWith = null;

        await AdvanceUntilAsync(() => Snapshot.Idle == 3, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task An_idle_connection_is_probed_after_the_interval_and_not_before()
    {
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromSeconds(30), MaxLifetime = Never });

        Time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Equal(0, First.Probes);
        Time.Advance(TimeSpan.FromSeconds(0.1));

        await Eventually.HoldsAsync(() => First.Probes == 1);
    }

    [Fact]
    public async Task A_connection_in_use_is_not_probed_and_the_interval_begins_when_its_use_ends()
    {
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromSeconds(30), MaxLifetime = Never });
        var lease = await AcquireAsync();
        Time.Advance(TimeSpan.FromSeconds(70));
        await lease.DisposeAsync();

        Time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Equal(0, First.Probes);
        Time.Advance(TimeSpan.FromSeconds(0.1));

        await Eventually.HoldsAsync(() => First.Probes == 1);
    }

    [Fact]
    public async Task A_connection_that_does_not_answer_a_probe_is_replaced()
    {
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromSeconds(30), MaxLifetime = Never });
        First.OnSilence = () => TimeSpan.FromSeconds(35);
        First.OnProbe = token => new ValueTask(Task.Delay(Timeout.Infinite, token));

        Time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => First.Probes == 1);
        Time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(() => Connector.Attempts == 2);

        await Eventually.HoldsAsync(() => First.IsClosed && Snapshot is { Idle: 1, Opening: 0 });
        Assert.True(First.IsBroken);
    }

    [Fact]
    public async Task A_probe_that_ignores_its_deadline_is_abandoned()
    {
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromSeconds(30), MaxLifetime = Never });
        First.OnSilence = () => TimeSpan.FromSeconds(35);
        First.OnProbe = _ => new ValueTask(new TaskCompletionSource().Task);

        Time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => First.Probes == 1);
        Time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(() => Connector.Attempts == 2);
    }

    [Fact]
    public async Task A_refusal_is_an_answer_to_a_probe()
    {
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromSeconds(30), MaxLifetime = Never });
        First.OnProbe = _ => throw new BackendException(BackendError.PermissionDenied, "No.");

        Time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => First.Probes == 1);
        await using var lease = await AcquireAsync();

        Assert.Same(First, lease.Connection);
        Assert.False(First.IsBroken);
    }

    [Fact]
    public async Task An_exclusive_connection_is_not_given_out_while_it_is_probed()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MaxConnections = 1, ProbeInterval = TimeSpan.FromSeconds(30), MaxLifetime = Never });
        var answer = new TaskCompletionSource();
        First.OnProbe = _ => new ValueTask(answer.Task);
        Time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => First.Probes == 1);

        var caller = AcquireAsync();

        Assert.Equal((1, 1), (Snapshot.Waiting, Snapshot.Idle));
        answer.SetResult();
        await using var lease = await caller;
        Assert.Same(First, lease.Connection);
    }

    [Fact]
    public async Task When_one_connection_is_lost_the_other_idle_ones_are_probed_at_once()
    {
        await StartWarmAsync(new() { MinConnections = 3 });
        Time.Advance(TimeSpan.FromSeconds(12));

        First.Lose();

        await Eventually.HoldsAsync(() => Connector.Attempts == 4 && Snapshot is { Idle: 3, Opening: 0 });
        Time.Advance(TimeSpan.FromMilliseconds(5));
        await Eventually.HoldsAsync(() => Connector.Connections[1].Probes == 1 && Connector.Connections[2].Probes == 1);
    }

    [Fact]
    public async Task Connections_above_the_minimum_close_when_they_were_idle_for_too_long()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MinConnections = 1, IdleTimeout = TimeSpan.FromMinutes(5), MaxLifetime = Never, ProbeInterval = Never });
        var leases = new[] { await AcquireAsync(), await AcquireAsync(), await AcquireAsync() };
        foreach (var lease in leases)
        {
            await lease.DisposeAsync();
        }

        Assert.Equal(3, Snapshot.Idle);
        await AdvanceUntilAsync(() => Time.Elapsed > TimeSpan.FromMinutes(4.9), TimeSpan.FromMinutes(6));
        Assert.Equal(3, Snapshot.Idle);
        await AdvanceUntilAsync(() => Snapshot.Idle == 1, TimeSpan.FromSeconds(10));
        await AdvanceUntilAsync(() => Time.Elapsed > TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(20));
        Assert.Equal(1, Snapshot.Idle);
    }

    [Fact]
    public async Task A_long_transfer_outlives_the_idle_timeout()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MinConnections = 0, IdleTimeout = TimeSpan.FromMinutes(1), MaxLifetime = Never, ProbeInterval = Never });
        var lease = await AcquireAsync();

        await AdvanceUntilAsync(() => Time.Elapsed > TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));
        Assert.False(First.IsBroken || First.IsClosed);
        await lease.DisposeAsync();
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, Snapshot.Idle);

        await AdvanceUntilAsync(() => Snapshot.Idle == 0, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task An_old_connection_is_replaced_before_it_is_closed()
    {
        await StartWarmAsync(new() { MaxLifetime = TimeSpan.FromHours(1), ProbeInterval = Never });
        Connector.Hold = true;

        Time.Advance(TimeSpan.FromHours(1));
        var opening = await Connector.NextOpeningAsync();
        Assert.Equal((1, 1), (Snapshot.Idle, Snapshot.Opening));
        Assert.False(First.IsClosed);
        opening.Succeed();

        await Eventually.HoldsAsync(() => First.IsClosed && Snapshot is { Idle: 1, Opening: 0 });
    }

    [Fact]
    public async Task Lifetimes_are_spread_over_their_last_tenth()
    {
        await StartWarmAsync(new() { MinConnections = 8, MaxConnections = 16, MaxLifetime = TimeSpan.FromHours(1), ProbeInterval = Never });
        Time.Advance(TimeSpan.FromMinutes(53.9));
        Assert.Equal(8, Connector.Attempts);

        var counts = new HashSet<int>();
        while (Time.Elapsed < TimeSpan.FromMinutes(61))
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Eventually.HoldsAsync(() => Snapshot is { Opening: 0, Closing: 0 });
            counts.Add(Connector.Attempts);
        }

        Assert.Equal(16, Connector.Attempts);
        Assert.True(counts.Count >= 6, $"8 logins at {counts.Count - 1} different times");
        Assert.All(Connector.Connections.Take(8), connection => Assert.True(connection.IsClosed));
    }

    [Fact]
    public async Task An_old_connection_keeps_its_leases_and_gets_no_new_ones_once_another_is_there()
    {
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 2, MaxLifetime = TimeSpan.FromHours(1), ProbeInterval = Never });
        await using var one = await AcquireAsync();
        await using var two = await AcquireAsync();

        Time.Advance(TimeSpan.FromHours(1));
        var old = Connector.Connections.Single(c => c == one.Connection || c == two.Connection ? IsRetired(c) : false);
        var leaseOnOld = one.Connection == old ? one : two;
        await using var third = await AcquireAsync();
        await using var fourth = await AcquireAsync();
        Assert.NotSame(old, third.Connection);
        Assert.NotSame(old, fourth.Connection);
        Assert.False(old.IsBroken || old.IsClosed);

        await leaseOnOld.DisposeAsync();
        await Eventually.HoldsAsync(() => old.IsClosed && Snapshot is { Opening: 0, Closing: 0 });
        Assert.Equal(3, Connector.Attempts);

        bool IsRetired(FakeConnection connection) =>
            (one.Connection == connection ? one : two).Pooled.Retiring is not null;
    }

    [Fact]
    public async Task The_only_connection_there_may_be_goes_on_serving_when_it_is_old_until_it_is_idle()
    {
        await StartWarmAsync(new() { MaxConnections = 1, MaxLifetime = TimeSpan.FromHours(1), ProbeInterval = Never });
        await using var slow = await AcquireAsync();

        Time.Advance(TimeSpan.FromHours(2));
        await using (var quick = await AcquireAsync())
        {
            Assert.Same(First, quick.Connection);
        }

        await slow.DisposeAsync();
        await Eventually.HoldsAsync(() => First.IsClosed && Snapshot is { Idle: 1, Opening: 0 });
        Assert.Equal(1, Connector.MostSessions);
    }

    [Fact]
    public async Task A_connection_that_is_being_closed_keeps_its_place_until_it_is_gone()
    {
        await StartWarmAsync(new() { MaxConnections = 1 });
        var gone = new TaskCompletionSource();
        First.OnClose = () => gone.Task;
        Time.Advance(TimeSpan.FromMinutes(1));
        await Eventually.HoldsAsync(() => First.Probes > 0);

        First.Lose();
        var caller = AcquireAsync();

        await Eventually.HoldsAsync(() => First.Closes == 1);
        Assert.Equal((1, 0, 1), (Snapshot.Closing, Snapshot.Opening, Snapshot.Waiting));
        gone.SetResult();
        await (await caller).DisposeAsync();
        Assert.Equal(1, Connector.MostSessions);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_closed_loses_its_place_after_a_deadline()
    {
        await StartWarmAsync(new() { MaxConnections = 1, AcquireTimeout = TimeSpan.FromMinutes(1) });
        var never = new TaskCompletionSource();
        First.OnClose = () => never.Task;
        First.Lose();
        var caller = AcquireAsync();
        await Eventually.HoldsAsync(() => First.Closes == 1 && Time.ArmedTimers == 2);

        Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal((1, 1), (Snapshot.Closing, Snapshot.Waiting));
        Time.Advance(TimeSpan.FromSeconds(0.1));

        await (await caller).DisposeAsync();
        never.SetResult();
        await Eventually.HoldsAsync(() => First.IsClosed);
    }

    [Fact]
    public async Task A_close_that_throws_harms_nobody()
    {
        await StartWarmAsync(new());
        First.OnClose = () => throw new IOException("gone");
        Time.Advance(TimeSpan.FromSeconds(20));

        First.Lose();

        await Eventually.HoldsAsync(() => Snapshot is { Idle: 1, Closing: 0, Opening: 0 } && Connector.Attempts == 2);
    }

    [Fact]
    public async Task An_idle_pool_wakes_for_probes_only()
    {
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromSeconds(30), MaxLifetime = Never });

        Assert.Equal(1, Time.ArmedTimers);
        Assert.Equal(TimeSpan.FromSeconds(30), Time.UntilNextTimer);
    }
}
