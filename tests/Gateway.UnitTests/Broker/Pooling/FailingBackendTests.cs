using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

public class FailingBackendTests : PoolTest
{
    [Theory]
    [InlineData(BackendError.AuthenticationFailed)]
    [InlineData(BackendError.HostKeyMismatch)]
    [InlineData(BackendError.CertificateInvalid)]
    public async Task A_refused_login_reaches_every_waiting_caller_at_once_with_its_cause(BackendError error)
    {
        Connector.Hold = true;
        Start(new());
        var callers = Enumerable.Range(0, 20).Select(_ => AcquireAsync()).ToArray();

        (await Connector.NextOpeningAsync()).Fail(error);

        var failures = await Task.WhenAll(callers.Select(FailureOf));
        Assert.All(failures, failure => Assert.Equal(error, failure.Error));
        Assert.All(failures, failure => Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(36)));
        Assert.Equal(failures.Length, failures.Distinct().Count());
        Assert.Equal((CircuitState.Open, 0, 1), (Snapshot.Circuit, Snapshot.Waiting, Connector.Attempts));
    }

    [Fact]
    public async Task While_the_breaker_is_open_callers_get_the_cause_without_waiting()
    {
        Connector.FailWith = BackendError.AuthenticationFailed;
        Start(new());
        await Eventually.HoldsAsync(() => Snapshot.Circuit is CircuitState.Open);
        Time.Advance(TimeSpan.FromSeconds(10));

        var asking = Broker.AcquireAsync(Name, None);

        Assert.True(asking.IsCompleted);
        var failure = await FailureOf(asking.AsTask());
        Assert.Equal(BackendError.AuthenticationFailed, failure.Error);
        Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(26));
        Assert.Contains("next attempt is in 2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_costs_two_logins_in_the_first_minute_and_four_in_ten_whatever_the_load()
    {
        var attempts = new List<TimeSpan>();
        Connector.OnOpen = (_, _) =>
        {
            attempts.Add(Time.Elapsed);
            throw new BackendException(BackendError.AuthenticationFailed, "Refused.");
        };
        Start(new() { MinConnections = 4 });
        while (Time.Elapsed < TimeSpan.FromMinutes(10))
        {
            for (var i = 0; i < 3; i++)
            {
                var caller = AcquireAsync();
                await Eventually.HoldsAsync(() => caller.IsCompleted);
                Assert.Equal(BackendError.AuthenticationFailed, (await FailureOf(caller)).Error);
            }

            Time.Advance(TimeSpan.FromSeconds(1));
            await Eventually.HoldsAsync(() => Snapshot.Opening == 0);
        }

        Assert.Equal(2, attempts.Count(at => at <= TimeSpan.FromMinutes(1)));
        Assert.Equal(4, attempts.Count);
    }

    [Fact]
    public async Task A_password_that_is_changed_on_a_quiet_evening_costs_one_login_however_many_callers_come()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MaxConnections = 8, IdleTimeout = TimeSpan.FromDays(1), MaxLifetime = TimeSpan.FromDays(2) });
        Time.Advance(TimeSpan.FromMinutes(2));
        await Eventually.HoldsAsync(() => Connector.Connections[0].Probes > 0 && Snapshot.Idle == 1);
        Connector.FailWith = BackendError.AuthenticationFailed;
        await using var holder = await AcquireAsync();

        var callers = Enumerable.Range(0, 5).Select(_ => AcquireAsync()).ToArray();

        await Eventually.HoldsAsync(() => Snapshot.Circuit is CircuitState.Open);
        Assert.Equal(2, Connector.Attempts);
        await holder.DisposeAsync();
        foreach (var caller in callers)
        {
            await (await caller).DisposeAsync();
        }
    }

    [Fact]
    public async Task An_unreachable_server_is_tried_three_times_before_callers_are_turned_away()
    {
        Connector.FailWith = BackendError.Unreachable;
        Start(new());
        var caller = AcquireAsync();

        await AdvanceUntilAsync(() => Snapshot.Waiting == 0, TimeSpan.FromSeconds(2));

        Assert.Equal(BackendError.Unreachable, (await FailureOf(caller)).Error);
        Assert.Equal(3, Connector.Attempts);
        Assert.True(Time.Elapsed < TimeSpan.FromSeconds(1), $"{Time.Elapsed}");
    }

    [Fact]
    public async Task One_failed_login_does_not_fail_the_callers_that_wait()
    {
        Connector.OnOpen = (attempt, _) => attempt == 1
            ? throw new BackendException(BackendError.Unreachable, "Reset.")
            : Task.FromResult(new FakeConnection());
        Start(new());
        var caller = AcquireAsync();

        await AdvanceUntilAsync(() => Snapshot.Waiting == 0, TimeSpan.FromSeconds(2));

        await (await caller).DisposeAsync();
        Assert.Null(Snapshot.LastError);
    }

    [Fact]
    public async Task After_a_failure_logins_are_one_at_a_time_again()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MaxConnections = 8, MaxConcurrentHandshakes = 3 });
        await using var holder = await AcquireAsync();
        Connector.Hold = true;
        var callers = Enumerable.Range(0, 6).Select(_ => AcquireAsync()).ToArray();
        var three = new[] { await Connector.NextOpeningAsync(), await Connector.NextOpeningAsync(), await Connector.NextOpeningAsync() };

        three[0].Fail(BackendError.Unreachable);
        await Eventually.HoldsAsync(() => Snapshot.Opening == 2);
        three[1].Fail(BackendError.Unreachable);
        await Eventually.HoldsAsync(() => Snapshot.Opening == 1);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Snapshot.Opening);

        three[2].Succeed();
        await Eventually.HoldsAsync(() => Snapshot.Opening == 3);
        for (var i = 0; i < 5; i++)
        {
            (await Connector.NextOpeningAsync()).Succeed();
        }

        foreach (var lease in await Task.WhenAll(callers))
        {
            await lease.DisposeAsync();
        }
    }

    [Fact]
    public async Task Under_load_a_returned_server_is_found_within_three_seconds_and_no_caller_waits_for_a_trial()
    {
        Connector.FailWith = BackendError.Unreachable;
        Start(new());
        await AdvanceUntilAsync(() => Snapshot.Circuit is CircuitState.Open, TimeSpan.FromSeconds(5));
        Task<ConnectionLease>? asking = null;
        for (var end = Time.Elapsed + TimeSpan.FromMinutes(1); Time.Elapsed < end; Time.Advance(TimeSpan.FromMilliseconds(100)))
        {
            asking = AcquireAsync();
            Assert.True(asking.IsFaulted, "A caller waited although the breaker was open.");
            await FailureOf(asking);
            await Eventually.HoldsAsync(() => Snapshot.Opening == 0);
        }

        Connector.FailWith = null;
        var returned = Time.Elapsed;
        while (!asking!.IsCompletedSuccessfully)
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Eventually.HoldsAsync(() => Snapshot.Opening == 0);
            asking = AcquireAsync();
        }

        await (await asking).DisposeAsync();
        Assert.True(Time.Elapsed - returned < TimeSpan.FromSeconds(2), $"{Time.Elapsed - returned}");
        Assert.Equal(CircuitState.Closed, Snapshot.Circuit);
    }

    [Fact]
    public async Task Without_callers_a_dead_server_is_tried_ever_more_rarely()
    {
        Connector.FailWith = BackendError.Unreachable;
        Start(new());
        await AdvanceUntilAsync(() => Time.Elapsed >= TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
        var before = Connector.Attempts;

        await AdvanceUntilAsync(() => Time.Elapsed >= TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(6));

        Assert.InRange(Connector.Attempts - before, 7, 11);
    }

    [Fact]
    public async Task The_first_caller_after_a_quiet_outage_gets_the_connection_that_it_asked_for()
    {
        Connector.FailWith = BackendError.Unreachable;
        Start(new() { MinConnections = 0 });
        var caller = AcquireAsync();
        await AdvanceUntilAsync(() => Snapshot.Waiting == 0, TimeSpan.FromSeconds(2));
        await FailureOf(caller);
        Connector.FailWith = null;
        Connector.Hold = true;

        // One background trial is on behalf of the callers that were turned away; it fails, and then nobody asks.
        Time.Advance(TimeSpan.FromSeconds(1));
        (await Connector.NextOpeningAsync()).Fail(BackendError.Unreachable);
        await Eventually.HoldsAsync(() => Snapshot.Circuit is CircuitState.Open);
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, Snapshot.Opening);

        var late = AcquireAsync();
        (await Connector.NextOpeningAsync()).Succeed();

        await (await late).DisposeAsync();
    }

    [Fact]
    public async Task Half_open_means_one_trial_and_everybody_else_hears_the_cause()
    {
        Connector.FailWith = BackendError.Unreachable;
        Start(new() { MinConnections = 0 });
        var first = AcquireAsync();
        await AdvanceUntilAsync(() => Snapshot.Waiting == 0, TimeSpan.FromSeconds(2));
        await FailureOf(first);
        Connector.FailWith = null;
        Connector.Hold = true;
        Time.Advance(TimeSpan.FromSeconds(2));
        var trial = await Connector.NextOpeningAsync();
        Assert.Equal(CircuitState.HalfOpen, Snapshot.Circuit);

        var others = Enumerable.Range(0, 5).Select(_ => AcquireAsync()).ToArray();

        Assert.All(others, other => Assert.True(other.IsFaulted));
        foreach (var other in others)
        {
            var failure = await FailureOf(other);
            Assert.Equal(BackendError.Unreachable, failure.Error);
            Assert.NotNull(failure.RetryAfter);
        }

        Assert.Equal(1, Snapshot.Opening);
        trial.Succeed();
        await Eventually.HoldsAsync(() => Snapshot is { Circuit: CircuitState.Closed, Idle: 1 });
    }

    [Fact]
    public async Task Connections_that_live_go_on_serving_while_the_breaker_is_open()
    {
        Connector = new FakeConnector(isShareable: false);
        Connector.OnOpen = (attempt, _) => attempt <= 2
            ? Task.FromResult(new FakeConnection())
            : throw new BackendException(BackendError.AuthenticationFailed, "Too many sessions.");
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 8 });
        var one = await AcquireAsync();
        var two = await AcquireAsync();
        var third = AcquireAsync();
        await Eventually.HoldsAsync(() => Snapshot.Circuit is CircuitState.Open);
        var fourth = AcquireAsync();

        Assert.False(third.IsCompleted || fourth.IsCompleted);
        await one.DisposeAsync();
        await two.DisposeAsync();
        await (await third).DisposeAsync();
        await (await fourth).DisposeAsync();
        Assert.Equal(3, Connector.Attempts);
    }

    [Fact]
    public async Task A_server_that_allows_fewer_sessions_than_the_maximum_is_not_asked_for_more_all_the_time()
    {
        Connector = new FakeConnector(isShareable: false);
        Connector.OnOpen = (attempt, _) => attempt <= 2
            ? Task.FromResult(new FakeConnection())
            : throw new BackendException(BackendError.Unreachable, "Too many sessions.");
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 8, AcquireTimeout = TimeSpan.FromMinutes(20) });
        await using var one = await AcquireAsync();
        await using var two = await AcquireAsync();
        var waiting = AcquireAsync();

        await AdvanceUntilAsync(() => Time.Elapsed > TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));

        Assert.False(waiting.IsCompleted);
        Assert.InRange(Connector.Attempts - 2, 3, 20);
        await two.DisposeAsync();
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task An_exhausted_pool_that_cannot_grow_says_why()
    {
        Connector = new FakeConnector(isShareable: false);
        Connector.OnOpen = (attempt, _) => attempt <= 1
            ? Task.FromResult(new FakeConnection())
            : throw new BackendException(BackendError.Unreachable, "421 Too many connections.");
        await StartWarmAsync(new());
        await using var holder = await AcquireAsync();
        var waiting = AcquireAsync();

        await AdvanceUntilAsync(() => Snapshot.Waiting == 0, TimeSpan.FromSeconds(11));

        var failure = await FailureOf(waiting);
        Assert.Equal(BackendError.PoolExhausted, failure.Error);
        Assert.Contains("421 Too many connections.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_last_connection_dies_while_the_breaker_is_open_the_line_hears_the_cause()
    {
        Connector = new FakeConnector(isShareable: false);
        Connector.OnOpen = (attempt, _) => attempt <= 1
            ? Task.FromResult(new FakeConnection())
            : throw new BackendException(BackendError.AuthenticationFailed, "Refused.");
        await StartWarmAsync(new());
        await using var holder = await AcquireAsync();
        var waiting = AcquireAsync();
        await Eventually.HoldsAsync(() => Snapshot.Circuit is CircuitState.Open);

        Connector.Connections[0].Lose();

        Assert.Equal(BackendError.AuthenticationFailed, (await FailureOf(waiting)).Error);
    }

    [Fact]
    public async Task A_server_that_lets_us_in_and_hangs_up_is_not_asked_in_a_tight_loop()
    {
        Connector.OnOpen = (_, _) =>
        {
            var connection = new FakeConnection();
            connection.Lose();
            return Task.FromResult(connection);
        };
        Start(new());

        await AdvanceUntilAsync(() => Time.Elapsed > TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(3));

        Assert.InRange(Connector.Attempts, 5, 20);
    }
}
