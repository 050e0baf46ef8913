using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

public class OpeningTests : PoolTest
{
    [Fact]
    public async Task The_first_login_is_alone_until_it_is_known_to_work()
    {
        Connector.Hold = true;
        Start(new() { MinConnections = 4, MaxConnections = 8, MaxConcurrentHandshakes = 3 });

        var first = await Connector.NextOpeningAsync();
        Assert.Equal((1, 1), (Snapshot.Opening, Connector.Attempts));

        first.Succeed();
        await Eventually.HoldsAsync(() => Snapshot.Opening == 3);
        for (var i = 0; i < 3; i++)
        {
            (await Connector.NextOpeningAsync()).Succeed();
        }

        await Eventually.HoldsAsync(() => Snapshot is { Idle: 4, Opening: 0 });
        Assert.Equal(4, Connector.Attempts);
    }

    [Fact]
    public async Task Fifty_callers_on_a_cold_pool_are_all_served_by_few_logins_at_a_time()
    {
        Connector.Hold = true;
        Start(new() { MaxConnections = 8, LeasesPerConnection = 16, MaxConcurrentHandshakes = 3 });
        var callers = Enumerable.Range(0, 50).Select(_ => AcquireAsync()).ToArray();
        Assert.Equal((50, 1), (Snapshot.Waiting, Snapshot.Opening));

        (await Connector.NextOpeningAsync()).Succeed();
        await Task.WhenAll(callers[..16]);
        await Eventually.HoldsAsync(() => Snapshot is { Waiting: 34, Opening: 3 } && Connector.Opening == 3);
        for (var i = 0; i < 3; i++)
        {
            (await Connector.NextOpeningAsync()).Succeed();
        }

        var leases = await Task.WhenAll(callers);
        Assert.Equal(3, Connector.MostOpening);
        Assert.Equal((50, 4), (Snapshot.Leases, Snapshot.Leased));
        await Eventually.HoldsAsync(() => Snapshot.Opening == 1);
        foreach (var lease in leases)
        {
            await lease.DisposeAsync();
        }

        (await Connector.NextOpeningAsync()).Succeed();
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 5, Opening: 0 });
    }

    [Fact]
    public async Task As_many_exclusive_connections_open_as_callers_wait_and_no_more()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MaxConnections = 8, MaxConcurrentHandshakes = 5 });
        await using var holder = await AcquireAsync();
        Connector.Hold = true;

        var callers = Enumerable.Range(0, 3).Select(_ => AcquireAsync()).ToArray();

        Assert.Equal(3, Snapshot.Opening);
        foreach (var caller in callers)
        {
            (await Connector.NextOpeningAsync()).Succeed();
        }

        foreach (var lease in await Task.WhenAll(callers))
        {
            await lease.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_lease_that_ends_serves_the_line_before_the_login_does()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new());
        var holder = await AcquireAsync();
        Connector.Hold = true;
        var caller = AcquireAsync();

        await holder.DisposeAsync();
        await using var lease = await caller;

        Assert.Same(Connector.Connections[0], lease.Connection);
        (await Connector.NextOpeningAsync()).Succeed();
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 1, Leased: 1 });
    }

    [Fact]
    public async Task The_maximum_counts_logins_under_way()
    {
        Connector = new FakeConnector(isShareable: false) { Hold = true };
        Start(new() { MinConnections = 0, MaxConnections = 2, MaxConcurrentHandshakes = 9 });
        var callers = Enumerable.Range(0, 5).Select(_ => AcquireAsync()).ToArray();
        (await Connector.NextOpeningAsync()).Succeed();
        await using var first = await callers[0];

        await Eventually.HoldsAsync(() => Snapshot.Opening == 1);
        Assert.Equal((1, 1, 4, 2), (Snapshot.Leased, Snapshot.Opening, Snapshot.Waiting, Snapshot.Max));
        (await Connector.NextOpeningAsync()).Succeed();
        await using var second = await callers[1];
        Assert.Equal((2, 0, 3), (Snapshot.Leased, Snapshot.Opening, Snapshot.Waiting));

        await first.DisposeAsync();
        await second.DisposeAsync();
        foreach (var caller in callers[2..])
        {
            await (await caller).DisposeAsync();
        }

        Assert.Equal(2, Connector.MostSessions);
    }

    [Fact]
    public async Task A_login_that_hangs_is_given_up_after_the_connect_timeout()
    {
        Connector.Hold = true;
        Start(new() { ConnectTimeout = TimeSpan.FromSeconds(3), AcquireTimeout = TimeSpan.FromSeconds(60) });
        var caller = AcquireAsync();
        var opening = await Connector.NextOpeningAsync();

        Time.Advance(TimeSpan.FromSeconds(4));

        var failure = await FailureOf(caller);
        Assert.Equal(BackendError.Timeout, failure.Error);
        Assert.True(opening.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_caller_whose_time_is_up_while_the_first_login_hangs_hears_of_the_server_and_not_of_a_full_pool()
    {
        Connector.Hold = true;
        Start(new() { ConnectTimeout = TimeSpan.FromSeconds(15), AcquireTimeout = TimeSpan.FromSeconds(10) });
        var caller = AcquireAsync();

        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(BackendError.Timeout, (await FailureOf(caller)).Error);
    }

    [Fact]
    public async Task A_caller_that_leaves_does_not_end_the_login_that_others_may_use()
    {
        Connector.Hold = true;
        Start(new());
        using var leaving = new CancellationTokenSource();
        var caller = AcquireAsync(leaving.Token);
        var opening = await Connector.NextOpeningAsync();

        await leaving.CancelAsync();
        opening.Succeed();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 1, Leases: 0 });
    }

    [Fact]
    public async Task A_connection_without_a_file_operation_on_it_is_enough_for_readiness_and_a_failure_too()
    {
        Connector.Hold = true;
        Start(new());
        Assert.False(Snapshot.FirstAttemptEnded);

        (await Connector.NextOpeningAsync()).Fail(BackendError.Unreachable);

        await Eventually.HoldsAsync(() => Snapshot.FirstAttemptEnded);
        Assert.Equal(BackendError.Unreachable, Snapshot.LastError?.Error);
    }

    [Fact]
    public void A_pool_that_opens_nothing_by_itself_is_ready_at_once()
    {
        Start(new() { MinConnections = 0 });

        Assert.True(Snapshot.FirstAttemptEnded);
        Assert.Equal(0, Snapshot.Opening);
    }

    [Fact]
    public async Task What_a_driver_should_not_throw_reaches_the_caller_without_its_text()
    {
        Connector.OnOpen = (_, _) => throw new InvalidOperationException("password=hunter2");
        Start(new() { MinConnections = 0 });
        var caller = AcquireAsync();

        await AdvanceUntilAsync(() => Snapshot.Waiting == 0, TimeSpan.FromSeconds(5));

        var failure = await FailureOf(caller);
        Assert.Equal(BackendError.ProtocolError, failure.Error);
        Assert.DoesNotContain("hunter2", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BackendError.NotFound, BackendError.ProtocolError)]
    [InlineData(BackendError.PermissionDenied, BackendError.ProtocolError)]
    [InlineData(BackendError.ConnectionLost, BackendError.Unreachable)]
    [InlineData(BackendError.ProtocolError, BackendError.ProtocolError)]
    public async Task A_failed_login_never_looks_like_an_answer_about_a_file(BackendError thrown, BackendError seen)
    {
        Connector.FailWith = thrown;
        Start(new() { MinConnections = 0 });
        var caller = AcquireAsync();

        await AdvanceUntilAsync(() => Snapshot.Waiting == 0, TimeSpan.FromSeconds(5));

        Assert.Equal(seen, (await FailureOf(caller)).Error);
    }
}
