using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

public class AcquireTests : PoolTest
{
    [Fact]
    public async Task A_server_that_bears_fewer_leases_on_a_connection_gets_fewer()
    {
        Connector.OnOpen = (_, _) => Task.FromResult(new FakeConnection { LeaseLimit = 2 });
        await StartWarmAsync(new() { MaxConnections = 2 });

        var leases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AcquireAsync()));

        Assert.All(leases.GroupBy(lease => lease.Connection), same => Assert.Equal(2, same.Count()));
        foreach (var lease in leases)
        {
            await lease.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_minimum_is_open_before_anybody_asks()
    {
        await StartWarmAsync(new() { MinConnections = 3 });

        Assert.Equal(3, Connector.Attempts);
        Assert.Equal((3, 0, 0, 8), (Snapshot.Idle, Snapshot.Leased, Snapshot.Opening, Snapshot.Max));
    }

    [Fact]
    public async Task An_idle_connection_is_leased_at_once()
    {
        await StartWarmAsync(new());

        var acquiring = Broker.AcquireAsync(Name, None);

        Assert.True(acquiring.IsCompletedSuccessfully);
        await using var lease = await acquiring;
        Assert.Same(Connector.Connections[0], lease.Connection);
        Assert.Equal((0, 1, 1), (Snapshot.Idle, Snapshot.Leased, Snapshot.Leases));
    }

    [Fact]
    public async Task A_busy_connection_is_shared_at_once_while_one_more_opens()
    {
        await StartWarmAsync(new());
        Connector.Hold = true;
        await using var first = await AcquireAsync();

        var second = Broker.AcquireAsync(Name, None);
        var third = Broker.AcquireAsync(Name, None);

        Assert.True(second.IsCompletedSuccessfully && third.IsCompletedSuccessfully);
        await using var secondLease = await second;
        await using var thirdLease = await third;
        Assert.Same(first.Connection, secondLease.Connection);
        Assert.Same(first.Connection, thirdLease.Connection);
        Assert.Equal((1, 1, 3), (Snapshot.Opening, Snapshot.Leased, Snapshot.Leases));

        (await Connector.NextOpeningAsync()).Succeed();
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 1, Opening: 1 });
    }

    [Fact]
    public async Task Connections_open_one_after_the_other_until_there_are_as_many_as_leases()
    {
        await StartWarmAsync(new());
        Connector.Hold = true;
        var leases = new[] { await AcquireAsync(), await AcquireAsync(), await AcquireAsync() };
        for (var idle = 1; idle <= 2; idle++)
        {
            (await Connector.NextOpeningAsync()).Succeed();
            await Eventually.HoldsAsync(() => Snapshot.Idle == idle);
            Assert.Equal((1, 2 - idle), (Snapshot.Leased, Snapshot.Opening));
        }

        foreach (var lease in leases)
        {
            await lease.DisposeAsync();
        }

        Assert.Equal((3, 0), (Snapshot.Idle, Snapshot.Opening));
    }

    [Fact]
    public async Task Connections_that_open_one_after_the_other_end_with_the_leases_that_asked_for_them()
    {
        await StartWarmAsync(new());
        Connector.Hold = true;
        var leases = new[] { await AcquireAsync(), await AcquireAsync(), await AcquireAsync() };
        var opening = await Connector.NextOpeningAsync();
        foreach (var lease in leases)
        {
            await lease.DisposeAsync();
        }

        opening.Succeed();

        await Eventually.HoldsAsync(() => Snapshot is { Idle: 2, Opening: 0 });
    }

    [Fact]
    public async Task The_connection_with_the_fewest_leases_is_shared()
    {
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 2 });
        await using var one = await AcquireAsync();
        await using var two = await AcquireAsync();
        await using var three = await AcquireAsync();
        await two.DisposeAsync();

        await using var four = await AcquireAsync();

        Assert.NotSame(one.Connection, four.Connection);
        Assert.Same(one.Connection, three.Connection);
    }

    [Fact]
    public async Task Leases_that_end_within_moments_share_one_connection()
    {
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 2 });
        await using var one = await AcquireAsync();
        var connection = (FakeConnection)one.Connection;
        connection.Backlog = 4096;
        Time.Advance(TimeSpan.FromSeconds(1));
        await using var other = await AcquireAsync();
        Assert.NotSame(connection, other.Connection);
        await using (await AcquireAsync())
        await using (await AcquireAsync())
        {
        }

        await other.DisposeAsync();
        await using var brisk = await AcquireAsync();
        Assert.Same(connection, brisk.Connection);

        connection.Backlog = 1_000_000;
        await using (var whileItMovesMuch = await AcquireAsync())
        {
            Assert.NotSame(connection, whileItMovesMuch.Connection);
        }

        connection.Backlog = 4096;
        Time.Advance(TimeSpan.FromMilliseconds(100));
        await using var afterNoneHasEndedForLong = await AcquireAsync();
        Assert.NotSame(connection, afterNoneHasEndedForLong.Connection);
    }

    [Fact]
    public async Task No_second_connection_opens_for_callers_that_come_one_after_the_other()
    {
        await StartWarmAsync(new());

        for (var i = 0; i < 10; i++)
        {
            await using var lease = await AcquireAsync();
        }

        Assert.Equal(1, Connector.Attempts);
    }

    [Fact]
    public async Task An_exclusive_connection_is_never_shared()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 2, LeasesPerConnection = 16 });
        await using var one = await AcquireAsync();
        await using var two = await AcquireAsync();

        var third = AcquireAsync();

        Assert.NotSame(one.Connection, two.Connection);
        Assert.Equal(1, Snapshot.Waiting);
        var freed = two.Connection;
        await two.DisposeAsync();
        await using var lease = await third;
        Assert.Same(freed, lease.Connection);
    }

    [Fact]
    public async Task Callers_are_served_in_the_order_they_came()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        var holder = await AcquireAsync();
        var line = Enumerable.Range(0, 5).Select(_ => AcquireAsync()).ToArray();

        await holder.DisposeAsync();
        foreach (var caller in line)
        {
            var lease = await caller;
            Assert.All(line.SkipWhile(c => c != caller).Skip(1), later => Assert.False(later.IsCompleted));
            await lease.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nobody_overtakes_the_line()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        var holder = await AcquireAsync();
        var early = AcquireAsync();
        await holder.DisposeAsync();

        var late = AcquireAsync();

        await using (await early)
        {
            Assert.False(late.IsCompleted);
        }

        await (await late).DisposeAsync();
    }

    [Fact]
    public async Task A_caller_that_waited_for_too_long_is_told_which_setting_to_raise()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1, AcquireTimeout = TimeSpan.FromSeconds(4) });
        await using var holder = await AcquireAsync();
        var waiting = AcquireAsync();

        Time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.False(waiting.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(0.1));

        var failure = await FailureOf(waiting);
        Assert.Equal(BackendError.PoolExhausted, failure.Error);
        Assert.NotNull(failure.RetryAfter);
        Assert.Contains("Pool:MaxConnections (1)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Pool:AcquireTimeout (4 s)", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, Snapshot.Waiting);
    }

    [Fact]
    public async Task A_full_line_turns_further_callers_away_at_once()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1, MaxWaiting = 2 });
        var holder = await AcquireAsync();
        var first = AcquireAsync();
        var second = AcquireAsync();

        var failure = await FailureOf(AcquireAsync());

        Assert.Equal(BackendError.PoolExhausted, failure.Error);
        Assert.NotNull(failure.RetryAfter);
        Assert.Contains("Pool:MaxWaiting (2)", failure.Message, StringComparison.Ordinal);
        await holder.DisposeAsync();
        await (await first).DisposeAsync();
        await (await second).DisposeAsync();
    }

    [Fact]
    public async Task A_caller_that_goes_away_leaves_the_line_at_once()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        await using var holder = await AcquireAsync();
        using var leaving = new CancellationTokenSource();
        var waiting = AcquireAsync(leaving.Token);

        await leaving.CancelAsync();

        Assert.Equal(0, Snapshot.Waiting);
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(leaving.Token, cancelled.CancellationToken);
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Snapshot.Leases);
    }

    [Fact]
    public async Task A_caller_that_is_gone_already_gets_nothing()
    {
        await StartWarmAsync(new());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AcquireAsync(new CancellationToken(canceled: true)));

        Assert.Equal((1, 0, 0), (Snapshot.Idle, Snapshot.Leases, Snapshot.Waiting));
    }

    [Fact]
    public async Task The_line_moves_up_when_a_caller_in_its_middle_leaves()
    {
        await StartWarmAsync(new() { MaxConnections = 1, LeasesPerConnection = 1 });
        var holder = await AcquireAsync();
        using var leaving = new CancellationTokenSource();
        var first = AcquireAsync();
        var middle = AcquireAsync(leaving.Token);
        var last = AcquireAsync();

        await leaving.CancelAsync();
        await holder.DisposeAsync();

        await (await first).DisposeAsync();
        await (await last).DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => middle);
    }

    [Fact]
    public async Task A_lease_ends_once_however_often_it_is_disposed()
    {
        await StartWarmAsync(new() { MaxConnections = 1 });
        var one = await AcquireAsync();
        await using var two = await AcquireAsync();

        await one.DisposeAsync();
        await one.DisposeAsync();

        Assert.Equal(1, Snapshot.Leases);
        Assert.Throws<ObjectDisposedException>(() => one.Connection);
    }

    [Fact]
    public async Task An_unknown_backend_is_not_found()
    {
        var failure = await Assert.ThrowsAsync<BackendException>(async () => await Broker.AcquireAsync("nobody", None));
        Assert.Equal(BackendError.BackendNotFound, failure.Error);
    }

    [Fact]
    public async Task The_age_of_the_oldest_lease_shows()
    {
        await StartWarmAsync(new());
        Assert.Null(Snapshot.OldestLeaseAge);
        await using var leaked = await AcquireAsync();
        Time.Advance(TimeSpan.FromSeconds(5));
        await using (await AcquireAsync())
        {
            Assert.Equal(TimeSpan.FromSeconds(5), Snapshot.OldestLeaseAge);
        }

        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(10), Snapshot.OldestLeaseAge);
    }
}
