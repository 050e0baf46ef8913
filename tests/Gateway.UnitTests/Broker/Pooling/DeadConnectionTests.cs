using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

/// <summary>Warm connections that died without a sign: callers meet them, and must not pay for it.</summary>
public class DeadConnectionTests : PoolTest
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Probes of the connections that are not <see cref="_dead"/> are answered; those of dead ones end when they break.</summary>
    private readonly HashSet<BackendConnection> _dead = [];

    [Fact]
    public async Task The_repetition_runs_on_a_connection_that_has_proved_to_be_alive()
    {
        Connector.OnOpen = (_, _) => Task.FromResult(Create(silence: Longest));
        await StartWarmAsync(new() { MinConnections = 4, MaxConnections = 4 });
        var killed = Connector.Connections.ToList();
        killed.ForEach(c => _dead.Add(c));
        var used = new List<BackendConnection>();

        var running = Broker.RunAsync(Name, (connection, _) =>
        {
            used.Add(connection);
            return _dead.Contains(connection) ? throw Lost() : ValueTask.FromResult("done");
        }, None).AsTask();

        Assert.Equal("done", await EndAsync(running));
        Assert.Equal(2, used.Count);
        Assert.DoesNotContain(used[1], killed);
        Assert.Equal(0, Snapshot.Leases);
        await PassTimeUntilAsync(() => killed.All(connection => connection.IsClosed));
    }

    [Fact]
    public async Task A_request_that_kills_its_connection_takes_two_and_not_the_pool()
    {
        Connector.OnOpen = (_, _) => Task.FromResult(Create(silence: TimeSpan.FromSeconds(1)));
        await StartWarmAsync(new() { MinConnections = 4, MaxConnections = 4 });
        var before = Connector.Connections.ToList();

        await FailureOf(Broker.RunAsync<string>(
            Name,
            (connection, _) =>
            {
                ((FakeConnection)connection).Lose();
                throw Lost();
            },
            None).AsTask());

        Assert.Equal(2, before.Count(connection => connection.IsBroken));
    }

    [Fact]
    public async Task A_silent_connection_that_stays_silent_is_given_up_long_before_the_operations_own_deadline()
    {
        var start = Time.Elapsed;
        Connector.OnOpen = (number, _) => Task.FromResult(number == 1 ? Forgotten() : new FakeConnection());
        await StartWarmAsync(new() { MinConnections = 1, MaxConnections = 2, ProbeInterval = TimeSpan.FromHours(1) });
        Time.Advance(TimeSpan.FromSeconds(20));

        var running = Broker.RunAsync(Name, AnswerUnlessForgottenAsync, None).AsTask();
        Time.Advance(FirstWordWatch.Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(Connector.Connections[0].IsBroken);
        Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(Connector.Connections[0].IsBroken);
        Assert.Equal("done", await EndAsync(running));

        FakeConnection Forgotten() => new() { OnSilence = () => Time.Elapsed - start };

        async ValueTask<string> AnswerUnlessForgottenAsync(BackendConnection connection, CancellationToken token) =>
            connection == Connector.Connections[0] ? throw (await connection.Broken).Copy() : "done";
    }

    [Fact]
    public async Task A_deadline_that_passes_in_silence_after_a_silence_is_repeated_on_another_connection()
    {
        var start = Time.Elapsed;
        Connector.OnOpen = (_, _) => Task.FromResult(new FakeConnection { OnSilence = () => Time.Elapsed - start });
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromHours(1) });
        Time.Advance(TimeSpan.FromSeconds(20));
        var first = Connector.Connections[0];

        var result = await Broker.RunAsync(
            Name, (connection, _) => connection == first ? throw Late() : ValueTask.FromResult("done"), None);

        Assert.Equal("done", result);
        Assert.True(first.IsBroken);
    }

    [Fact]
    public async Task A_slow_answer_on_a_connection_that_speaks_is_waited_for()
    {
        var heard = Time.Elapsed;
        Connector.OnOpen = (_, _) => Task.FromResult(new FakeConnection { OnSilence = () => Time.Elapsed - heard });
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromHours(1) });
        Time.Advance(TimeSpan.FromSeconds(20));
        var answer = new TaskCompletionSource<string>();

        var running = Broker.RunAsync(Name, (_, _) => new ValueTask<string>(answer.Task), None).AsTask();
        Time.Advance(TimeSpan.FromSeconds(2));
        heard = Time.Elapsed;
        Time.Advance(TimeSpan.FromSeconds(20));

        Assert.False(Connector.Connections[0].IsBroken);
        answer.SetResult("done");
        Assert.Equal("done", await running);
    }

    [Fact]
    public async Task What_cannot_be_repeated_gets_no_connection_that_was_silent_and_does_not_answer()
    {
        Connector.OnOpen = (number, _) => Task.FromResult(Create(silence: number <= 2 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero));
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 2, ProbeInterval = TimeSpan.FromHours(1) });
        var silent = Connector.Connections.ToList();
        silent.ForEach(c => _dead.Add(c));

        var acquiring = Broker.AcquireAliveAsync(Name, None).AsTask();

        await using var lease = await EndAsync(acquiring);
        Assert.DoesNotContain((FakeConnection)lease.Connection, silent);
    }

    [Fact]
    public async Task A_connection_that_was_heard_lately_is_used_without_a_question()
    {
        Connector.OnOpen = (_, _) => Task.FromResult(Create(silence: TimeSpan.FromSeconds(4)));
        await StartWarmAsync(new());

        await using (await Broker.AcquireAliveAsync(Name, None))
        {
        }

        Assert.Equal(0, Connector.Connections[0].Probes);
    }

    [Fact]
    public async Task A_caller_that_leaves_while_its_connection_is_probed_holds_nothing()
    {
        Connector.OnOpen = (_, _) => Task.FromResult(Create(silence: TimeSpan.FromMinutes(1)));
        await StartWarmAsync(new() { ProbeInterval = TimeSpan.FromHours(1) });
        _dead.Add(Connector.Connections[0]);
        using var leaving = new CancellationTokenSource();

        var acquiring = Broker.AcquireAliveAsync(Name, leaving.Token).AsTask();
        await Eventually.HoldsAsync(() => Connector.Connections[0].Probes == 1);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acquiring);
        Assert.Equal((0, false), (Snapshot.Leases, Connector.Connections[0].IsBroken));
    }

    [Fact]
    public async Task A_late_answer_on_a_connection_that_is_busy_does_not_cost_it()
    {
        var connection = Create(silence: TimeSpan.FromSeconds(1));
        _dead.Add(connection);

        var probing = ConnectionProbe.RunAsync(Name, connection, Time, None).AsTask();
        await Eventually.HoldsAsync(() => connection.Probes == 1);
        Time.Advance(Longest);

        Assert.Null(await probing);
    }

    [Fact]
    public async Task A_caller_that_left_without_an_answer_does_not_put_the_next_probe_off()
    {
        var interval = TimeSpan.FromSeconds(30);
        var start = Time.Elapsed;
        Connector.OnOpen = (_, _) => Task.FromResult(new FakeConnection { OnSilence = () => Time.Elapsed - start });
        await StartWarmAsync(new() { ProbeInterval = interval });
        Time.Advance(TimeSpan.FromSeconds(20));
        await (await AcquireAsync()).DisposeAsync();

        Time.Advance(TimeSpan.FromSeconds(10));

        await Eventually.HoldsAsync(() => Connector.Connections[0].Probes == 1);
    }

    /// <summary>Lets time pass until the task ends.</summary>
    private async Task<T> EndAsync<T>(Task<T> task)
    {
        await PassTimeUntilAsync(() => task.IsCompleted);
        return await task;
    }

    private Task PassTimeUntilAsync(Func<bool> condition) => Eventually.HoldsAsync(() =>
    {
        Time.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });

    private FakeConnection Create(TimeSpan silence)
    {
        var connection = new FakeConnection { OnSilence = () => silence };
        connection.OnProbe = async token =>
        {
            if (_dead.Contains(connection))
            {
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        return connection;
    }

    private static BackendException Lost() => new(BackendError.ConnectionLost, "Lost.");

    private static BackendException Late() => new(BackendError.Timeout, "Late.");
}
