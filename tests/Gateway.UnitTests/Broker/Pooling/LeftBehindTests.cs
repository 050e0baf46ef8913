using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Pooling;

/// <summary>
/// Who used a connection that was lost may leave a temporary file on the server, and says so before the lease ends. A driver removes it
/// when another connection is opened or probed: one must be, soon, whatever the others are doing.
/// </summary>
public class LeftBehindTests : PoolTest
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task The_end_of_a_lease_on_a_lost_connection_has_the_idle_ones_probed()
    {
        var (upload, next) = await LoseUnderLeaseAsync();
        await AdvanceUntilAsync(() => Time.Elapsed > TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal(0, next.Probes);

        await upload.DisposeAsync();

        Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => next.Probes == 1);
    }

    [Fact]
    public async Task One_that_is_in_use_is_probed_when_its_use_ends_though_it_was_just_heard()
    {
        Connector = new FakeConnector(isShareable: false);
        await StartWarmAsync(new() { MinConnections = 2, MaxConnections = 2, ProbeInterval = Interval, MaxLifetime = TimeSpan.FromDays(1) });
        var upload = await AcquireAsync();
        var other = await AcquireAsync();
        Connector.Hold = true;
        ((FakeConnection)upload.Pooled.Connection).Lose();
        await Connector.NextOpeningAsync();

        await upload.DisposeAsync();
        await other.DisposeAsync();

        await ProbedAsync((FakeConnection)other.Pooled.Connection, times: 1);
    }

    [Fact]
    public async Task One_that_is_being_probed_is_probed_once_more()
    {
        var (upload, next) = await LoseUnderLeaseAsync();
        var answer = new TaskCompletionSource();
        next.OnProbe = _ => new ValueTask(answer.Task);
        Time.Advance(Interval);
        await Eventually.HoldsAsync(() => next.Probes == 1);

        await upload.DisposeAsync();
        answer.SetResult();

        await ProbedAsync(next, times: 2);
    }

    [Fact]
    public async Task One_that_is_being_opened_is_probed_when_it_is_open()
    {
        await StartWarmAsync(new() { ProbeInterval = Interval, MaxLifetime = TimeSpan.FromDays(1) });
        var upload = await AcquireAsync();
        Connector.Hold = true;
        Connector.Connections[0].Lose();
        var opening = await Connector.NextOpeningAsync();

        await upload.DisposeAsync();
        opening.Succeed();

        await Eventually.HoldsAsync(() => Connector.Connections.Count == 2);
        await ProbedAsync(Connector.Connections[1], times: 1);
    }

    /// <summary>A connection is lost under its lease, and replaced.</summary>
    private async Task<(ConnectionLease Upload, FakeConnection Next)> LoseUnderLeaseAsync()
    {
        await StartWarmAsync(new() { ProbeInterval = Interval, MaxLifetime = TimeSpan.FromDays(1) });
        var upload = await AcquireAsync();
        Connector.Connections[0].Lose();
        await Eventually.HoldsAsync(() => Connector.Attempts == 2 && Snapshot is { Idle: 1, Opening: 0 });
        return (upload, Connector.Connections[1]);
    }

    /// <summary>Waits until it was probed so often, and looks that it stays at that.</summary>
    private async Task ProbedAsync(FakeConnection connection, int times)
    {
        var start = Time.Elapsed;
        await Eventually.HoldsAsync(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
            return connection.Probes == times;
        });
        Assert.True(Time.Elapsed - start < Interval / 2, "Only the interval's end had it probed.");
        await Eventually.HoldsAsync(() => Snapshot.Idle > 0);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(times, connection.Probes);
    }
}
