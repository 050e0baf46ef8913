using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;

namespace Gateway.UnitTests.Broker.Pooling;

public class RetryTests : PoolTest
{
    [Fact]
    public async Task An_operation_on_a_warm_connection_that_turns_out_dead_is_repeated_on_another()
    {
        await StartWarmAsync(new());
        var used = new List<BackendConnection>();

        var result = await Broker.RunAsync(Name, (connection, _) =>
        {
            used.Add(connection);
            return used.Count == 1 ? throw Lost() : ValueTask.FromResult("done");
        }, None);

        Assert.Equal("done", result);
        Assert.Equal(2, used.Distinct().Count());
        Assert.True(used[0].IsBroken);
        await Eventually.HoldsAsync(() => Snapshot is { Leases: 0, Opening: 0, Closing: 0 });
    }

    [Fact]
    public async Task It_is_repeated_once_only()
    {
        await StartWarmAsync(new() { MinConnections = 3 });
        var runs = 0;

        var failure = await FailureOf(Broker.RunAsync<string>(Name, (_, _) => throw Lost(++runs), None).AsTask());

        Assert.Equal(2, runs);
        Assert.Equal("Lost 2.", failure.Message);
        Assert.Equal(0, Snapshot.Leases);
    }

    [Fact]
    public async Task A_connection_opened_for_the_caller_itself_is_no_reason_to_repeat()
    {
        Start(new() { MinConnections = 0 });
        var runs = 0;

        await FailureOf(Broker.RunAsync<string>(Name, (_, _) => throw Lost(++runs), None).AsTask());

        Assert.Equal(1, runs);
        Assert.Equal(0, Snapshot.Leases);
    }

    [Theory]
    [InlineData(BackendError.NotFound)]
    [InlineData(BackendError.PermissionDenied)]
    [InlineData(BackendError.Timeout)]
    [InlineData(BackendError.ProtocolError)]
    public async Task Other_failures_are_not_repeated_and_a_file_error_keeps_the_connection(BackendError error)
    {
        await StartWarmAsync(new());
        var runs = 0;

        var failure = await FailureOf(Broker.RunAsync<string>(
            Name, (_, _) => throw new BackendException(error, $"{++runs}"), None).AsTask());

        Assert.Equal((error, 1), (failure.Error, runs));
        Assert.Equal((1, 0, 1), (Snapshot.Idle, Snapshot.Leases, Connector.Attempts));
        Assert.False(Connector.Connections[0].IsBroken);
    }

    [Fact]
    public async Task A_caller_that_has_left_gets_no_second_attempt()
    {
        await StartWarmAsync(new());
        using var leaving = new CancellationTokenSource();
        var runs = 0;

        await FailureOf(Broker.RunAsync<string>(
            Name,
            async (_, _) =>
            {
                await leaving.CancelAsync();
                throw Lost(++runs);
            },
            leaving.Token).AsTask());

        Assert.Equal(1, runs);
        Assert.Equal(0, Snapshot.Leases);
    }

    [Fact]
    public async Task When_the_server_is_gone_the_repetition_says_so()
    {
        await StartWarmAsync(new());
        Connector.FailWith = BackendError.Unreachable;

        var running = Broker.RunAsync<string>(Name, (_, _) => throw Lost(), None).AsTask();
        await AdvanceUntilAsync(() => Snapshot.Circuit is CircuitState.Open, TimeSpan.FromSeconds(5));

        Assert.Equal(BackendError.Unreachable, (await FailureOf(running)).Error);
    }

    [Fact]
    public async Task Something_opened_keeps_its_lease_until_it_is_disposed_stream_first()
    {
        await StartWarmAsync(new());
        var stream = new Probe();

        var leased = await Broker.OpenAsync(Name, (_, _) => ValueTask.FromResult(stream), None);

        Assert.Same(stream, leased.Value);
        Assert.Equal(1, Snapshot.Leases);
        stream.OnDispose = () => Assert.Equal(1, Snapshot.Leases);
        await leased.DisposeAsync();
        Assert.True(stream.IsDisposed);
        Assert.Equal(0, Snapshot.Leases);
    }

    [Fact]
    public async Task A_stream_whose_disposal_throws_still_gives_its_lease_back()
    {
        await StartWarmAsync(new());
        var stream = new Probe { OnDispose = () => throw new IOException("torn") };
        var leased = await Broker.OpenAsync(Name, (_, _) => ValueTask.FromResult(stream), None);

        await Assert.ThrowsAsync<IOException>(async () => await leased.DisposeAsync());

        Assert.Equal(0, Snapshot.Leases);
    }

    [Fact]
    public async Task An_open_that_fails_leaks_no_lease()
    {
        await StartWarmAsync(new());

        await FailureOf(Broker.OpenAsync<Probe>(Name, (_, _) => throw new BackendException(BackendError.NotFound, "No."), None).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await Broker.OpenAsync<Probe>(Name, (_, _) => throw new InvalidOperationException(), None));

        Assert.Equal((1, 0), (Snapshot.Idle, Snapshot.Leases));
    }

    [Fact]
    public async Task An_open_on_a_dead_warm_connection_is_repeated_once()
    {
        await StartWarmAsync(new());
        var runs = 0;

        await using var leased = await Broker.OpenAsync(
            Name, (_, _) => ++runs == 1 ? throw Lost() : ValueTask.FromResult(new Probe()), None);

        Assert.Equal((2, 1), (runs, Snapshot.Leases));
    }

    private static BackendException Lost(int number = 0) => new(BackendError.ConnectionLost, $"Lost {number}.");

    private sealed class Probe : IAsyncDisposable
    {
        public Action? OnDispose { get; set; }

        public bool IsDisposed { get; private set; }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            OnDispose?.Invoke();
            return default;
        }
    }
}
